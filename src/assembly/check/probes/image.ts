import { INPUT_TOKENS, OUTPUT_TOKENS, short, textOf } from "../conversations.ts";
import { type Finding, failed, type Probe, type ProbeContext } from "../probe.ts";

/** 64 by 64 red points; smaller ones are refused by some. */
const RED =
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQEBAQEBAQEBAQEBAQEBAQEBA" +
  "QEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC";

/** What an image takes at most, whatever the vendor's way of counting. */
const IMAGE_TOKENS = 2_000;

const QUESTION = short([
  { kind: "text", text: "Which colour is this image? Answer with one word in English." },
  { kind: "image", source: { from: "base64", mediaType: "image/png", data: RED } },
]);

/** An image is sent, and seen. */
export const image: Probe = {
  name: "image",
  features: ["image-base64"],
  question: QUESTION,
  bound: () => ({ input: INPUT_TOKENS + IMAGE_TOKENS, output: OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer } = await context.ask(QUESTION);
    const lacks = ["image-url", "image-base64"] as const;
    if (failure !== undefined) return failed(failure, lacks);
    const text = textOf(answer);
    if (/\bred\b/i.test(text)) return { status: "pass", said: "a red square is seen as one" };
    return { status: "fail", said: `a red square is seen as "${text.trim().slice(0, 80)}"`, lacks };
  },
};
