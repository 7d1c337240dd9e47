import type { JsonObject } from "../../model/json.ts";
import type { Losses } from "../translation/losses.ts";

interface Turn {
  readonly role: "user" | "assistant" | "system";
  readonly content: JsonObject[];
  /** Members beside the content. */
  readonly members?: JsonObject;
}

/**
 * Puts turns together as Anthropic takes them
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls): the results of one turn's calls
 * stand together at the beginning of the next user's turn, and a message of the system stands behind a user's turn and
 * before an assistant's, or last (.../docs/en/build-with-claude/mid-conversation-system-messages).
 */
export class TurnWriter {
  readonly #losses: Losses;
  readonly #turns: Turn[] = [];
  #waiting: JsonObject[] = [];
  #waitingMembers: JsonObject = {};
  #isResults = false;

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  get isEmpty(): boolean {
    return this.#turns.length === 0;
  }

  addResult(result: JsonObject): void {
    if (this.#isResults) this.#turns.at(-1)?.content.push(result);
    else this.#turns.push({ role: "user", content: [result] });
    this.#isResults = true;
  }

  addUser(blocks: readonly JsonObject[]): void {
    if (blocks.length === 0) return;
    if (this.#isResults) this.#turns.at(-1)?.content.push(...blocks);
    else this.#turns.push({ role: "user", content: [...blocks] });
    this.#isResults = false;
  }

  addAssistant(blocks: readonly JsonObject[]): void {
    this.#placeSystem();
    this.#turns.push({ role: "assistant", content: [...blocks] });
    this.#isResults = false;
  }

  /** Instructions for a model that takes none in mid-conversation: as the user's words, marked for what they are. */
  tellInstructions(blocks: readonly JsonObject[]): void {
    if (blocks.length === 0) return;
    this.#losses.add("late-system-message", "told inside the user's turn");
    this.addUser(blocks.map((block) => ({ ...block, text: `<system>\n${block["text"]}\n</system>` })));
  }

  /** Kept until its place has come. */
  addSystem(blocks: readonly JsonObject[], members: JsonObject): void {
    this.#waiting.push(...blocks);
    this.#waitingMembers = { ...this.#waitingMembers, ...members };
  }

  finish(): readonly JsonObject[] {
    this.#placeSystem();
    return this.#turns.map(({ role, content, members }) => ({ role, content: asText(content), ...members }));
  }

  #placeSystem(): void {
    const content = this.#waiting;
    const members = this.#waitingMembers;
    this.#waiting = [];
    this.#waitingMembers = {};
    const hasMembers = Object.keys(members).length > 0;
    if (content.length === 0 && !hasMembers) return;
    // Settings alone may stand anywhere; what is said must follow a user's turn.
    if (content.length > 0 && this.#turns.at(-1)?.role !== "user") this.tellInstructions(content);
    else this.#turns.push({ role: "system", content, members });
  }
}

function asText(content: readonly JsonObject[]): string | readonly JsonObject[] {
  const [only] = content;
  const isPlain = content.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2;
  return isPlain && typeof only["text"] === "string" ? only["text"] : content;
}
