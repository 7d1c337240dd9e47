import { describe, expect, test } from "bun:test";
import { fold } from "../../src/model/inference-response.ts";
import { ALL_SAYABLE, meaningOf } from "./answer-meaning.ts";
import { framed, readerOfProvider, readStream } from "./chat-dialects.ts";
import { recordedStreams, recordedWholes } from "./recorded-answers.ts";
import { WHOLES_OF_STREAMS } from "./whole-of-stream.ts";

/** A provider's stream folds to the very answer that its whole form is. */

describe("put together by the vendor's own SDK", () => {
  for (const { name, provider, payloads } of recordedStreams) {
    const vendor = WHOLES_OF_STREAMS[provider.id];
    if (vendor === undefined) continue;
    const refused = vendor.refused?.(payloads);
    if (refused !== undefined) {
      console.log(`skipped: ${name}: ${refused}`);
      continue;
    }
    test(name, async () => {
      const reader = readerOfProvider(provider);
      const streamed = fold(readStream(reader, [framed(provider, payloads)]));
      const whole = reader.whole(await vendor.whole(payloads));
      expect(meaningOf(streamed, provider.id, vendor.unsayable)).toEqual(
        meaningOf(whole, provider.id, vendor.unsayable),
      );
    });
  }
});

describe("as the provider documents both", () => {
  // Recordings of real providers are of two calls, whose answers differ in more than their form.
  for (const { name, provider, payloads } of recordedStreams.filter((one) => one.source === "samples")) {
    const whole = recordedWholes.find((one) => one.name === name);
    if (whole === undefined) continue;
    test(name, () => {
      const reader = readerOfProvider(provider);
      const streamed = fold(readStream(reader, [framed(provider, payloads)]));
      const answer = reader.whole(whole.body);
      // Groq tells the tier of whole answers alone.
      const unsayable = streamed.serviceTier === undefined ? WITHOUT_TIER : ALL_SAYABLE;
      expect(meaningOf(streamed, provider.id, unsayable)).toEqual(meaningOf(answer, provider.id, unsayable));
    });
  }
});

const WITHOUT_TIER = { ...ALL_SAYABLE, features: ["service-tier"] } as const;
