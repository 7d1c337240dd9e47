/** What was typed can't be meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}
