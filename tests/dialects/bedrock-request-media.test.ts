import { describe, expect, test } from "bun:test";
import type { Conversation } from "../../src/model/conversation.ts";
import { bodyOf, encoded, lost, NOVA, SONNET_45 } from "./bedrock-requests.ts";

describe("messages", () => {
  test("images by their bytes or from S3; others are lost, and the model is told", () => {
    const image = (url: string) => ({ type: "image_url", image_url: { url } });
    const content = [
      image("data:image/jpg;base64,AAAA"),
      image("s3://bucket/a.jpg"),
      image("https://x.test/a.png"),
      image("data:image/tiff;base64,BBBB"),
    ];
    const rest = { messages: [{ role: "user", content }] };
    const standIn = { text: "[Here was an image, which this model can't be sent.]" };
    expect(bodyOf(SONNET_45, rest)["messages"]).toEqual([
      {
        role: "user",
        content: [
          { image: { format: "jpeg", source: { bytes: "AAAA" } } },
          { image: { format: "jpeg", source: { s3Location: { uri: "s3://bucket/a.jpg" } } } },
          standIn,
          standIn,
        ],
      },
    ]);
    expect(lost(SONNET_45, rest)).toEqual(["image-url", "image-base64"]);
  });

  test("documents have names that are plain and differ, and text beside them", () => {
    const pdf = { from: "base64", mediaType: "application/pdf", data: "AAAA" } as const;
    const messages: Conversation["messages"] = [
      {
        role: "user",
        content: [
          { kind: "document", source: pdf, name: "Q1_report (final).pdf" },
          { kind: "document", source: pdf, name: "Q1 report (final).pdf", citable: true, context: "c" },
          { kind: "document", source: { from: "text", text: "plain" } },
          { kind: "document", source: { from: "text", text: "cited" }, citable: true },
        ],
      },
    ];
    const { body, losses } = encoded(SONNET_45, {}, { messages });
    expect(JSON.parse(body).messages[0].content).toEqual([
      { text: "Here is the document." },
      { document: { format: "pdf", name: "Q1 report (final)", source: { bytes: "AAAA" } } },
      {
        document: {
          format: "pdf",
          name: "Q1 report (final) 2",
          source: { bytes: "AAAA" },
          context: "c",
          citations: { enabled: true },
        },
      },
      { document: { format: "txt", name: "document", source: { bytes: "cGxhaW4=" } } },
      {
        document: {
          format: "txt",
          name: "document 2",
          source: { text: "cited" },
          citations: { enabled: true },
        },
      },
    ]);
    expect(losses.map(({ feature }) => feature)).toEqual(["document-base64"]);
    expect(lost(NOVA, {}, { messages })).toEqual([
      "document-context",
      "document-citations",
      "document-base64",
    ]);
  });

  test("films and sounds by their bytes", () => {
    const film = { from: "base64", mediaType: "video/quicktime", data: "AAAA" } as const;
    const sound = { from: "base64", mediaType: "audio/wav", data: "BBBB" } as const;
    const messages: Conversation["messages"] = [
      {
        role: "user",
        content: [
          { kind: "video", source: film },
          { kind: "audio", source: sound },
        ],
      },
    ];
    expect(bodyOf("mistral.voxtral-small-24b-2507", {}, { messages })["messages"]).toEqual([
      {
        role: "user",
        content: [
          { video: { format: "mov", source: { bytes: "AAAA" } } },
          { audio: { format: "wav", source: { bytes: "BBBB" } } },
        ],
      },
    ]);
    expect(lost(SONNET_45, {}, { messages })).toEqual(["video", "audio"]);
    const away: Conversation["messages"] = [
      { role: "user", content: [{ kind: "video", source: { from: "url", url: "https://x.test/a.mp4" } }] },
    ];
    expect(lost(NOVA, {}, { messages: away })).toEqual(["video"]);
  });
});
