import { statSync } from "node:fs";

const POLL_MS = 200;
/** What could not be taken in is tried again after this long. */
const RETRY_MS = 5000;

/**
 * Watches files by asking for their facts: that sees every kind of change (written in place, replaced by another, a
 * link that points elsewhere, as container platforms mount their configuration), on every kind of file system. A change is
 * told when the facts have held still between two looks, so that nobody reads a file that is half written.
 */
export class FileWatch {
  readonly #paths: () => readonly string[];
  readonly #changed: () => Promise<void>;
  /** As they were when they were last read. */
  #known: string;
  #seen: string;
  readonly #timer: Timer;
  #retry: Timer | undefined;

  /**
   * `paths` is asked at each look; `changed` is called once for each change that has come to rest, and again a while later
   * where it rejects.
   */
  constructor(paths: () => readonly string[], changed: () => Promise<void>) {
    this.#paths = paths;
    this.#changed = changed;
    this.#known = factsOf(paths());
    this.#seen = this.#known;
    this.#timer = setInterval(() => this.#look(), POLL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
  }

  #look(): void {
    const facts = factsOf(this.#paths());
    const isStill = facts === this.#seen;
    this.#seen = facts;
    if (!isStill || facts === this.#known) return;
    this.#known = facts;
    this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#retry);
    this.#changed().catch(() => {
      this.#retry = setTimeout(() => this.#tell(), RETRY_MS);
      this.#retry.unref();
    });
  }
}

function factsOf(paths: readonly string[]): string {
  return paths.map(factsOfFile).join("\n");
}

/** A file that can't be seen has facts too: that it can't. */
function factsOfFile(path: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${path} ${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (thrown) {
    return `${path} ${thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown"}`;
  }
}
