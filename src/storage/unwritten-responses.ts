import type { StoredResponse } from "../model/stored-response.ts";

/** A stored response whose row is not written yet. */
export interface UnwrittenResponse {
  readonly project: string;
  readonly id: string;
  readonly response: StoredResponse;
  readonly notedAtMs: number;
}

/** Stored responses until their rows are written. The first of an id stands, as in the file. */
export class UnwrittenResponses {
  readonly #byId = new Map<string, UnwrittenResponse[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(unwritten: UnwrittenResponse): void {
    if (this.find(unwritten.project, unwritten.id) !== undefined) return;
    const others = this.#byId.get(unwritten.id);
    if (others === undefined) this.#byId.set(unwritten.id, [unwritten]);
    else others.push(unwritten);
    this.#size++;
  }

  find(project: string, id: string): UnwrittenResponse | undefined {
    return this.#byId.get(id)?.find((unwritten) => unwritten.project === project);
  }

  /** The projects whose calls were answered with it. */
  projectsOf(id: string): readonly string[] {
    return (this.#byId.get(id) ?? []).map(({ project }) => project);
  }

  /** All of them, those of an id together. */
  *all(): Iterable<UnwrittenResponse> {
    for (const unwritten of this.#byId.values()) yield* unwritten;
  }

  clear(): void {
    this.#byId.clear();
    this.#size = 0;
  }
}
