/** A password to compare with a bcrypt hash. */
export interface PasswordRequest {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

export interface PasswordAnswer {
  readonly id: number;
  readonly right: boolean;
}
