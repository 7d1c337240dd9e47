import type { BlockStart } from "../../../model/stream-event.ts";

/** True for the blocks of which a completion's text is made; it has no place for reasoning and calls. */
export const isText = ({ kind }: Pick<BlockStart, "kind">): boolean => kind === "text" || kind === "refusal";
