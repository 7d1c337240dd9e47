/** A store that an older Gatehouse is serving from: with its tables changed under it, it could write no row any more. */
export class StoreOfOlderGateway extends Error {
  override readonly name = "StoreOfOlderGateway";
  readonly mend =
    "Start this version in its place first (that brings the store up to date), or use the commands of the version that runs.";

  constructor() {
    super("A gateway of an older version is running on this store, which this version would have to change.");
  }
}
