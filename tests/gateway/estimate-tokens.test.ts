import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { estimateTokens } from "../../src/gateway/estimate-tokens.ts";
import { imageSize } from "../../src/gateway/image-size.ts";
import type { ContentPart, MediaSource } from "../../src/model/content-part.ts";

const tokensOf = (...content: ContentPart[]): number =>
  estimateTokens({ messages: [{ role: "user", content }], tools: [], sampling: {}, extensions: {} });

const base64 = (bytes: number[]): string => Buffer.from(bytes).toString("base64");
const png = (width: number, height: number): string => {
  const head = Buffer.alloc(33);
  head.write("\x89PNG\r\n\x1a\n", 0, "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head.toString("base64");
};

describe("an image's size", () => {
  test("by the heads of the formats that vendors take", () => {
    expect(imageSize(png(640, 480))).toEqual({ width: 640, height: 480 });
    const gif = [...Buffer.from("GIF89a"), 0x40, 0x01, 0xc8, 0x00];
    expect(imageSize(base64(gif))).toEqual({ width: 320, height: 200 });
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 1, 0, 2, 0, 3];
    expect(imageSize(base64(jpeg))).toEqual({ width: 512, height: 256 });
    const riff = [...Buffer.from("RIFF\0\0\0\0WEBP")];
    const extended = [...riff, ...Buffer.from("VP8X"), 10, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x7f, 0, 0];
    expect(imageSize(base64(extended))).toEqual({ width: 256, height: 128 });
  });

  test("of anything else is unknown, whatever the bytes", () => {
    expect(imageSize("")).toBeUndefined();
    expect(imageSize(png(0, 5))).toBeUndefined();
    const heads = [[0xff, 0xd8, 0xff], [...Buffer.from("RIFF0000WEBPVP8L")], [...Buffer.from("GIF8")], []];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 64 }), (head, rest) => {
        imageSize(base64([...head, ...rest]));
      }),
      { numRuns: 500 },
    );
  });
});

describe("an estimate", () => {
  test("of an image follows its size, up to what vendors scale down to", () => {
    const image = (source: MediaSource): number => tokensOf({ kind: "image", source }) - tokensOf();
    const sized = (width: number, height: number): number =>
      image({ from: "base64", mediaType: "image/png", data: png(width, height) });
    expect(sized(750, 750)).toBe(750);
    expect(sized(8_000, 8_000)).toBe(sized(1_568, 1_568));
    expect(image({ from: "url", url: "https://x.test/a.png" })).toBe(1_600);
  });

  test("of long text is measured by samples of it, and is near the count of all of it", () => {
    const sentence = "Who goes there, at this hour, and with whose leave? ";
    const short = tokensOf({ kind: "text", text: sentence.repeat(100) });
    const long = tokensOf({ kind: "text", text: sentence.repeat(100_000) });
    expect(long / 1_000).toBeWithin(short * 0.95, short * 1.05);
  });

  test("counts what is said, whatever says it", () => {
    const text = "words ".repeat(50);
    const plain = tokensOf({ kind: "text", text });
    expect(tokensOf({ kind: "reasoning", text })).toBe(plain);
    expect(tokensOf({ kind: "tool-call", id: "a", name: "f", arguments: text })).toBeGreaterThanOrEqual(
      plain,
    );
    expect(tokensOf({ kind: "document", source: { from: "text", text } })).toBeGreaterThanOrEqual(plain);
    expect(
      tokensOf({
        kind: "audio",
        source: { from: "base64", mediaType: "audio/wav", data: "A".repeat(4_000) },
      }),
    ).toBeGreaterThan(4);
  });
});
