/** Which packages are listed: those that a container sees, or those that some layer still ships as well. */
export type ScanScope = "squashed" | "all-layers";
