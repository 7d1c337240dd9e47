import type { Kysely } from "kysely";
import type { Asker } from "../../admin/resource.ts";
import { recordRevision } from "../../admin/revisions/record-revision.ts";
import { digestOf, type RevisionStore } from "../../admin/revisions/revision-store.ts";
import type { BrokenSecret, SecretStore } from "../../admin/revisions/secret-store.ts";
import type { Problem } from "../../config/problem.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { change } from "../../storage/change.ts";
import type { Follower } from "../../storage/change-watch.ts";
import type { ConfigurationRevisionRow, ProviderSecretRow, Tables } from "../../storage/schema.ts";
import type { ConfigurationText } from "../configuration/configuration-text.ts";
import type { Settings } from "../configuration/load-settings.ts";
import {
  processFile,
  processSettings,
  processSnapshot,
  processText,
  storedText,
} from "../configuration/process-settings.ts";
import type { ProviderSecrets } from "../configuration/provider-secrets.ts";

/** A revision that runs. */
export interface Running {
  readonly number: number;
  readonly settings: Settings;
  readonly snapshot: Snapshot;
}

/** No configuration can be run: everything that is wrong with the one there is. */
export class ConfigurationUnusable extends Error {
  override readonly name = "ConfigurationUnusable";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("the configuration can't be used");
    this.problems = problems;
  }
}

/** What the running configuration lives in. */
export interface RevisionParts {
  readonly store: Kysely<Tables>;
  readonly revisions: RevisionStore;
  readonly secrets: SecretStore;
}

type FoundText = Extract<ConfigurationText, { text: string }>;

/**
 * The one reference to what is in force. The newest revision runs, wherever it came from: the file makes one whenever its
 * text is another than the file's last. What can't run changes nothing and is told until it is mended.
 */
export class RunningConfiguration implements Follower {
  readonly #parts: RevisionParts;
  readonly #listeners: ((running: Running) => void)[] = [];
  readonly #problemListeners: ((problems: readonly Problem[]) => void)[] = [];
  #toldProblems = "[]";
  #current: Running | undefined;
  /** Of what the current one was made: its revision and the secrets that were stored. */
  #madeOf = "";
  #fileProblems: readonly Problem[] = [];
  #revisionProblems: readonly Problem[] = [];
  #secretProblems: readonly Problem[] = [];
  /** Whether the file was there when it was last looked for. */
  #hasFile = false;
  /** Files that the current revision refers to. */
  #referred: readonly string[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: RevisionParts) {
    this.#parts = parts;
  }

  /**
   * Finds what to run at a start: what the file holds where that is new, else the newest revision. A file that is broken
   * is passed over where a revision can run. Throws ConfigurationUnusable where nothing can.
   */
  static async open(parts: RevisionParts): Promise<RunningConfiguration> {
    const running = new RunningConfiguration(parts);
    await running.takeFile();
    if (running.#current === undefined) await running.refresh();
    if (running.#current === undefined) await running.#inTurn(() => running.#fallBack());
    if (running.#current === undefined)
      throw new ConfigurationUnusable([...running.#fileProblems, ...running.#revisionProblems]);
    return running;
  }

  get current(): Running {
    if (this.#current === undefined) throw new Error("nothing runs yet");
    return this.#current;
  }

  /** What keeps a newer configuration from being in force: of the file, and of the newest revision. */
  get problems(): readonly Problem[] {
    return [...this.#fileProblems, ...this.#revisionProblems, ...this.#secretProblems];
  }

  /** The configuration file, whether or not there is one. */
  readonly file = processFile();

  /** The files whose change may change what runs. */
  get files(): readonly string[] {
    return [this.file, ...this.#referred];
  }

  /** Tells of each revision that comes into force, in the very turn of the event loop. */
  onChange(listener: (running: Running) => void): void {
    this.#listeners.push(listener);
  }

  /** Tells whenever other problems than before keep something newer from being in force; at last of none. */
  onProblems(listener: (problems: readonly Problem[]) => void): void {
    this.#problemListeners.push(listener);
  }

  /** Takes in what is stored: a newer revision, other secrets. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#follow(false));
  }

  /** Takes in what the files hold: the configuration where it is new, and what it refers to. */
  takeFile(): Promise<void> {
    return this.#inTurn(async () => {
      const found = this.#present(processText());
      if ("problem" in found) {
        this.#fileProblems = [found.problem];
        return;
      }
      const last = await this.#parts.revisions.latestOfFile();
      if (last?.digest !== digestOf(found.text)) await this.#takeText(found);
      else {
        this.#fileProblems = [];
        await this.#follow(true);
      }
    });
  }

  /** A file that was there and is gone is most likely on its way back: an editor or a mount replaces it. */
  #present(text: ConfigurationText): ConfigurationText {
    if ("problem" in text) return text;
    if (text.file === undefined && this.#hasFile) return { problem: gone(this.file) };
    this.#hasFile = text.file !== undefined;
    return text;
  }

  async #takeText(found: FoundText): Promise<void> {
    const judged = processSettings({ text: found, secrets: await this.#storedSecrets() });
    if ("problems" in judged) {
      this.#fileProblems = judged.problems;
      return;
    }
    this.#fileProblems = [];
    const asker = fileAsker(found.file);
    await change(this.#parts.store, async (made) => {
      const order = { text: found.text, source: "file", asker } as const;
      const row = await this.#parts.revisions.add(made, order);
      await recordRevision(made, asker, "create", row);
    });
    await this.#follow(false);
  }

  /** `isStale` where what the revision refers to may have changed. */
  async #follow(isStale: boolean): Promise<void> {
    const row = await this.#parts.revisions.latest();
    if (row === undefined) return;
    const secrets = await this.#parts.secrets.list();
    const madeOf = JSON.stringify([row.number, secrets.map(({ id }) => id)]);
    if (madeOf === this.#madeOf && !isStale) return;
    const isNew = row.number !== this.#current?.number;
    this.#revisionProblems = this.#take(row, secrets);
    this.#madeOf = madeOf;
    // What a start can't run may run at the next: only a gateway that runs refuses a revision for good.
    if (isNew && row.state === "pending" && this.#current !== undefined)
      await this.#parts.revisions.settle(row.number, this.#revisionProblems);
  }

  /** A start that can't run the newest runs the last that has run; the newest is tried again and told of. */
  async #fallBack(): Promise<void> {
    const row = await this.#parts.revisions.latestApplied();
    if (row !== undefined) this.#take(row, await this.#parts.secrets.list());
  }

  /** Brings a revision into force; gives what keeps it from that, and then nothing has changed. */
  #take(row: ConfigurationRevisionRow, stored: readonly ProviderSecretRow[]): readonly Problem[] {
    const { secrets, broken } = this.#parts.secrets.opened(stored);
    this.#secretProblems = broken.map(secretProblem);
    const read: string[] = [];
    const text = storedText(this.#textOf(row), `revision ${row.number}`);
    const judged = processSettings({ text, secrets, onRead: (path) => read.push(path) });
    if ("problems" in judged) return judged.problems;
    this.#swap({ number: row.number, settings: judged.settings });
    this.#referred = read;
    return [];
  }

  /** The file holds it mostly, and can be read whatever became of the master key. */
  #textOf(row: ConfigurationRevisionRow): string {
    const written = processText();
    if ("text" in written && digestOf(written.text) === row.digest) return written.text;
    return this.#parts.revisions.textOf(row);
  }

  #swap({ number, settings }: Omit<Running, "snapshot">): void {
    this.#current = Object.freeze({ number, settings, snapshot: processSnapshot(settings) });
    for (const listener of this.#listeners) listener(this.#current);
  }

  async #storedSecrets(): Promise<ProviderSecrets> {
    const { secrets } = this.#parts;
    return secrets.opened(await secrets.list()).secrets;
  }

  #tellProblems(): void {
    const problems = this.problems;
    const text = JSON.stringify(problems);
    if (text === this.#toldProblems) return;
    this.#toldProblems = text;
    for (const listener of this.#problemListeners) listener(problems);
  }

  /** One after the other: a slower one must not put back what a later one has read. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work).finally(() => this.#tellProblems());
    this.#turn = done.catch(() => {});
    return done;
  }
}

function fileAsker(file: string | undefined): Asker {
  const name = file === undefined ? "built-in defaults" : "configuration file";
  return { actor: { kind: "gateway", id: "configuration-file", name }, role: "owner" };
}

function secretProblem({ provider, origin, seal }: BrokenSecret): Problem {
  return {
    file: "stored secrets",
    line: 0,
    column: 0,
    path: `providers.${provider}`,
    message: `has a secret for ${origin} that can't be opened. ${seal.message}`,
    mend: `${seal.mend} Or enter it again: \`gatehouse providers secret set ${provider}\`.`,
  };
}

function gone(path: string): Problem {
  return {
    file: path,
    line: 0,
    column: 0,
    path: "",
    message: "was taken away",
    mend: "Put it back. What was in force stays in force meanwhile; a start without it serves the built-in defaults.",
  };
}
