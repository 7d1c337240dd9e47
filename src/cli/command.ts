/** One command of the command line: what it is called, what it does in a sentence, and how it adds itself. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  register(program: import("commander").Command): void;
}
