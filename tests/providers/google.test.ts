import { expect, test } from "bun:test";
import { upstreamEndpoints } from "../../src/assembly/compile/endpoints.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Target, Upstream } from "../../src/model/snapshot.ts";
import { google } from "../../src/providers/google.ts";
import { targetOf } from "../../src/routing/target.ts";

const upstream = {
  provider: google.id,
  endpoints: upstreamEndpoints(
    { endpoints: google.endpoints, baseUrl: google.baseUrl } as Parameters<typeof upstreamEndpoints>[0],
    dialects,
  ),
  quirks: google.quirks,
} as unknown as Upstream;

const target = (model: string): Target => targetOf(upstream, model);
const BASE = "https://generativelanguage.googleapis.com/v1beta/models";

test("the model and the action stand in the path; a name can't leave its place there", () => {
  expect(target("gemini-3.8-flash").endpoints).toEqual({
    chat: [
      {
        dialect: "gemini",
        url: `${BASE}/gemini-3.8-flash:generateContent`,
        streamUrl: `${BASE}/gemini-3.8-flash:streamGenerateContent?alt=sse`,
      },
    ],
    "count-tokens": [
      {
        dialect: "gemini",
        url: `${BASE}/gemini-3.8-flash:countTokens`,
        streamUrl: `${BASE}/gemini-3.8-flash:countTokens`,
      },
    ],
  });
  expect(target("../x?y#z:w").endpoints.chat?.[0]?.url).toBe(`${BASE}/..%2Fx%3Fy%23z%3Aw:generateContent`);
});

test("models of embeddings are asked for nothing else, and for one or for many", () => {
  const url = `${BASE}/gemini-embedding-001`;
  expect(target("gemini-embedding-001").endpoints).toEqual({
    embedding: [
      {
        dialect: "gemini",
        url: `${url}:batchEmbedContents`,
        streamUrl: `${url}:batchEmbedContents`,
        singleUrl: `${url}:embedContent`,
      },
    ],
  });
});

test("each family has its own ways", () => {
  const { reasoningBy, unsignedCalls, jsonBesideTools, reasoningBudget } = target("gemini-2.5-pro").quirks;
  expect([reasoningBy, unsignedCalls, jsonBesideTools]).toEqual(["budget", "taken", "refused"]);
  expect(reasoningBudget).toEqual({ least: 128, most: 32_768, off: false });
  expect(target("gemini-2.5-flash-lite").quirks.reasoningBudget).toEqual({
    least: 512,
    most: 24_576,
    off: true,
  });
  expect(target("gemini-3.6-flash").quirks.efforts).toContain("minimal");
  for (const model of ["gemini-3.8-flash", "gemini-3.7-flash", "gemini-4-argon", "gemini-9-newest"]) {
    expect(target(model).quirks).toMatchObject({
      reasoningBy: "level",
      efforts: ["low", "medium", "high"],
      unsignedCalls: "refused",
    });
  }
  expect(target("gemini-2.0-flash").quirks.lacks).toContain("reasoning-effort");
  expect(target("gemma-3-27b-it").quirks).toMatchObject({ instructionRole: "user", unsignedCalls: "taken" });
  expect(target("gemini-3-pro-image-preview").quirks.unsignedCalls).toBe("taken");
  expect(target("gemini-embedding-2").quirks.lacks).toContain("embedding-purpose");
});
