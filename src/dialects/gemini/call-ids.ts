/** A call of the conversation, and whether its result has come. */
interface KnownCall {
  readonly id: string;
  readonly name: string;
  answered: boolean;
}

/**
 * Finds the call that a result answers. Google's ids are optional: without one, a result answers the first call of its
 * name that has no result yet, and failing that the first one at all.
 */
export class CallIds {
  #calls: KnownCall[] = [];
  #made = 0;

  /** A call stands in the conversation: gives its id. */
  begin(name: string, id: string | undefined): string {
    const call = { id: id ?? `call_${++this.#made}`, name, answered: false };
    this.#calls.push(call);
    return call.id;
  }

  /** A result stands in the conversation: gives the id of its call. */
  answer(name: string | undefined, id: string | undefined): string {
    const open = this.#calls.filter((call) => !call.answered);
    const call =
      id === undefined
        ? (open.find((one) => one.name === name) ?? open[0])
        : this.#calls.findLast((one) => one.id === id);
    if (call !== undefined) call.answered = true;
    return call?.id ?? id ?? name ?? "";
  }
}
