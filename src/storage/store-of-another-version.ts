/** A store whose tables were changed by a version of Gatehouse that this one knows nothing of: it is left as it is. */
export class StoreOfAnotherVersion extends Error {
  override readonly name = "StoreOfAnotherVersion";
  readonly mend =
    "Start the version that made it, or one later than that; to go back, put back a copy of the data folder that was made before.";

  constructor(changes: readonly string[]) {
    super(`The store was changed by another version of Gatehouse (${changes.join(", ")}).`);
  }
}
