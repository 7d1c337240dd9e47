import type { ResponseHome } from "../model/response-home.ts";

/** A note that is not written yet. */
export interface WaitingHome {
  readonly project: string;
  readonly id: string;
  readonly home: ResponseHome;
  readonly notedAtMs: number;
}

/** Notes of who keeps which response, until they are written. The first of a response stands, as in the file. */
export class WaitingHomes {
  readonly #byId = new Map<string, WaitingHome[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(note: WaitingHome): void {
    if (this.find(note.project, note.id) !== undefined) return;
    const others = this.#byId.get(note.id);
    if (others === undefined) this.#byId.set(note.id, [note]);
    else others.push(note);
    this.#size++;
  }

  find(project: string, id: string): WaitingHome | undefined {
    return this.#byId.get(id)?.find((note) => note.project === project);
  }

  /** The projects whose calls were answered with it. */
  projectsOf(id: string): readonly string[] {
    return (this.#byId.get(id) ?? []).map(({ project }) => project);
  }

  /** All of them, those of an id together. */
  *all(): Iterable<WaitingHome> {
    for (const notes of this.#byId.values()) yield* notes;
  }

  clear(): void {
    this.#byId.clear();
    this.#size = 0;
  }
}
