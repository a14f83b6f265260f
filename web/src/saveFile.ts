/** Hands content to the browser as a download. The name loses whatever a file system could read as a path. */
export const saveFile = (name: string, content: Blob): void => {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  link.click();
  URL.revokeObjectURL(url);
};
