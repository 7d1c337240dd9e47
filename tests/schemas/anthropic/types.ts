import type {
  ErrorResponse,
  Message,
  MessageTokensCount,
  RawMessageStreamEvent,
} from "@anthropic-ai/sdk/resources";

/** A whole answer of Messages. */
export type Answer = Message;

/** An event of its stream; the types leave out `ping` and `error`, which the SDK deals with by itself. */
export type AnswerEvent = RawMessageStreamEvent;

/** A count of tokens. */
export type TokenCount = MessageTokensCount;

/** What a refusal says, and the `error` event of a stream. */
export type Refusal = ErrorResponse;
