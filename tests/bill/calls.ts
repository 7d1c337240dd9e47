import type { JsonObject } from "../../src/model/json.ts";

/** One call of the bill: what the provider reports, and what it must cost. */
export interface BilledCall {
  readonly model: string;
  readonly usage: JsonObject;
  readonly serviceTier?: string;
  readonly stream?: boolean;
  /** Worked out by hand, in nano-dollars; null where there is no price. */
  readonly nanos: number | null;
}

/** Prices of the operator's own, by which a part of the calls is billed. */
export const OWN_PRICES = `
prices:
  replay/plain: { input: 1, output: 2 }
  replay/parts:
    input: 3
    output: 15
    cached_input: 0.3
    cache_write: 3.75
    input_audio: 10
    cached_input_audio: 1
    input_image: 5
    cached_input_image: 0.5
    input_video: 7
    reasoning: 20
    output_audio: 30
    output_image: 40
  replay/whole: { input: 2, output: 4 }
  replay/sized:
    input: 3
    output: 15
    cached_input: 0.3
    tiers:
      - { above: 200000, input: 6, output: 22.5, cached_input: 0.6 }
      - { above: 500000, input: 9 }
  replay/fees: { input: 1, output: 1, per_request: 0.005, per_tool_call: 0.01 }
  replay/searches: { input: 1, output: 1, per_tool_call: 0.01, tools: { web_search: 0.025 } }
  replay/half: { input: 0.0005, output: 0.0005 }
  replay/odd: { input: 0.333333333, output: 0.666666667 }
  replay/tiered:
    input: 2
    output: 8
    cached_input: 0.5
    per_request: 0.001
    service_tiers:
      flex: { factor: 0.5 }
      slow: { factor: 0.333 }
      batch: { factor: 0.25 }
      priority: { input: 10, output: 40 }
  replay/dated:
    input: 99
    output: 99
    periods:
      - { from: 2020-01-01, until: 2021-01-01, input: 50, output: 50 }
      - { from: 2021-01-01, input: 4, output: 8 }
      - { from: 2999-01-01, input: 70, output: 70 }
  replay/hourly:
    input: 99
    output: 99
    periods:
      - { daily: 06:00-18:00, input: 5, output: 6 }
      - { daily: 18:00-06:00, input: 5, output: 6 }
  replay/given: { input: 0, output: 0 }
  replay/family-*: { input: 7, output: 7 }
  replay/family-large: { input: 8, output: 9 }
  openai/gpt-4o: { input: 2, output: 9, cached_input: 1 }
`;

const tokens = (
  prompt: number,
  completion: number,
  prompt_tokens_details = {},
  completion_tokens_details = {},
) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details,
  completion_tokens_details,
});

const ALL_PARTS = tokens(
  1_000,
  500,
  {
    cached_tokens: 300,
    cache_write_tokens: 100,
    audio_tokens: 200,
    image_tokens: 150,
    video_tokens: 50,
    cached_tokens_details: { audio_tokens: 80, image_tokens: 40 },
  },
  { reasoning_tokens: 120, audio_tokens: 60, image_tokens: 30 },
);

/** By the operator's own prices; a million tokens at one dollar are 1,000 nano-dollars a token. */
export const BY_OWN_PRICES: readonly BilledCall[] = [
  // 14 x 1,000 + 15 x 2,000
  { model: "replay/plain", usage: tokens(14, 15), nanos: 44_000 },
  { model: "replay/plain", usage: tokens(14, 15), stream: true, nanos: 44_000 },
  // 0 and 0
  { model: "replay/plain", usage: tokens(0, 0), nanos: 0 },
  // 1,000,000 x 1,000 + 1,000,000 x 2,000
  { model: "replay/plain", usage: tokens(1_000_000, 1_000_000), nanos: 3_000_000_000 },
  // Cached, sound and reasoning without prices of their own: 100 x 1,000 + 50 x 2,000
  {
    model: "replay/plain",
    usage: tokens(100, 50, { cached_tokens: 60, audio_tokens: 30 }, { reasoning_tokens: 20 }),
    nanos: 200_000,
  },
  // In: sound 120 x 10,000 + cached sound 80 x 1,000 + images 110 x 5,000 + cached images 40 x 500 + video 50 x 7,000
  //   + written 100 x 3,750 + cached text 180 x 300 + text 320 x 3,000
  //   = 1,200,000 + 80,000 + 550,000 + 20,000 + 350,000 + 375,000 + 54,000 + 960,000 = 3,589,000
  // Out: sound 60 x 30,000 + images 30 x 40,000 + reasoning 120 x 20,000 + text 290 x 15,000
  //   = 1,800,000 + 1,200,000 + 2,400,000 + 4,350,000 = 9,750,000
  { model: "replay/parts", usage: ALL_PARTS, nanos: 13_339_000 },
  { model: "replay/parts", usage: ALL_PARTS, stream: true, nanos: 13_339_000 },
  // The same parts at the prices of their wholes: 1,000 x 2,000 + 500 x 4,000
  { model: "replay/whole", usage: ALL_PARTS, nanos: 4_000_000 },
  // All of it cached: 500 x 300 + 1 x 15,000
  { model: "replay/parts", usage: tokens(500, 1, { cached_tokens: 500 }), nanos: 165_000 },
  // Sound that doesn't fit beside the cached tokens is cached: 3 cached text x 300 + 3 cached sound x 1,000
  //   + 4 sound x 10,000 = 900 + 3,000 + 40,000
  { model: "replay/parts", usage: tokens(10, 0, { cached_tokens: 6, audio_tokens: 7 }), nanos: 43_900 },
  // DeepSeek's name for cached input: 40 x 3,000 + 60 x 300 + 10 x 15,000
  {
    model: "replay/parts",
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110, prompt_cache_hit_tokens: 60 },
    nanos: 288_000,
  },
  // xAI's reasoning beside the completion: 12 x 3,000 + 1 x 15,000 + 228 x 20,000
  {
    model: "replay/parts",
    usage: {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 241,
      completion_tokens_details: { reasoning_tokens: 228 },
    },
    nanos: 4_611_000,
  },
  // At the border: 150,000 x 3,000 + 50,000 x 300 + 100 x 15,000
  { model: "replay/sized", usage: tokens(200_000, 100, { cached_tokens: 50_000 }), nanos: 466_500_000 },
  // One above, the whole request at the next rates: 150,001 x 6,000 + 50,000 x 600 + 100 x 22,500
  { model: "replay/sized", usage: tokens(200_001, 100, { cached_tokens: 50_000 }), nanos: 932_256_000 },
  // Above the second, what it leaves out as below it: 450,001 x 9,000 + 50,000 x 600 + 100 x 22,500
  { model: "replay/sized", usage: tokens(500_001, 100, { cached_tokens: 50_000 }), nanos: 4_082_259_000 },
  // 10 x 1,000 + 10 x 1,000 + 5,000,000 for the request
  { model: "replay/fees", usage: tokens(10, 10), nanos: 5_020_000 },
  // The same and 3 searches at the price of any tool call: + 3 x 10,000,000
  { model: "replay/fees", usage: { ...tokens(10, 10), num_search_queries: 3 }, nanos: 35_020_000 },
  // Searches with a price of their own: 10 x 1,000 + 10 x 1,000 + 4 x 25,000,000
  { model: "replay/searches", usage: { ...tokens(10, 10), num_sources_used: 4 }, nanos: 100_020_000 },
  // 29 x 0.5 = 14.5, half up
  { model: "replay/half", usage: tokens(14, 15), nanos: 15 },
  // 28 x 0.5 = 14
  { model: "replay/half", usage: tokens(14, 14), nanos: 14 },
  // 1 x 0.5, half up
  { model: "replay/half", usage: tokens(1, 0), nanos: 1 },
  // 1 x 333.333333 + 1 x 666.666667 = 1,000 exactly, though each rounded alone would be 333 + 667
  { model: "replay/odd", usage: tokens(1, 1), nanos: 1_000 },
  // 1,000 x 333.333333 + 7 x 666.666667 = 333,333.333 + 4,666.666669 = 337,999.999669
  { model: "replay/odd", usage: tokens(1_000, 7), nanos: 338_000 },
  // 60 x 2,000 + 40 x 500 + 10 x 8,000 + 1,000,000
  {
    model: "replay/tiered",
    usage: tokens(100, 10, { cached_tokens: 40 }),
    serviceTier: "default",
    nanos: 1_220_000,
  },
  // Half of the tokens' 220,000; the fee as it is
  {
    model: "replay/tiered",
    usage: tokens(100, 10, { cached_tokens: 40 }),
    serviceTier: "flex",
    nanos: 1_110_000,
  },
  {
    model: "replay/tiered",
    usage: tokens(100, 10, { cached_tokens: 40 }),
    serviceTier: "flex",
    stream: true,
    nanos: 1_110_000,
  },
  // A quarter of 220,000, and the fee
  {
    model: "replay/tiered",
    usage: tokens(100, 10, { cached_tokens: 40 }),
    serviceTier: "batch",
    nanos: 1_055_000,
  },
  // (1 x 2,000 + 1 x 8,000) x 0.333 = 3,330, and the fee
  { model: "replay/tiered", usage: tokens(1, 1), serviceTier: "slow", nanos: 1_003_330 },
  // Rates of its own, cached input at the usual one: 60 x 10,000 + 40 x 500 + 10 x 40,000 + 1,000,000
  {
    model: "replay/tiered",
    usage: tokens(100, 10, { cached_tokens: 40 }),
    serviceTier: "priority",
    nanos: 2_020_000,
  },
  // A tier that nobody gave a price: the usual one
  {
    model: "replay/tiered",
    usage: tokens(100, 10, { cached_tokens: 40 }),
    serviceTier: "hyper",
    nanos: 1_220_000,
  },
  // Since 2021: 100 x 4,000 + 10 x 8,000
  { model: "replay/dated", usage: tokens(100, 10), nanos: 480_000 },
  // At every hour of the day: 100 x 5,000 + 10 x 6,000
  { model: "replay/hourly", usage: tokens(100, 10), nanos: 560_000 },
  // Free, as the operator states it
  { model: "replay/given", usage: tokens(100, 10), nanos: 0 },
  // By a pattern: 110 x 7,000; by its own name: 100 x 8,000 + 10 x 9,000
  { model: "replay/family-small", usage: tokens(100, 10), nanos: 770_000 },
  { model: "replay/family-large", usage: tokens(100, 10), nanos: 890_000 },
  // Over the price data: 60 x 2,000 + 40 x 1,000 + 10 x 9,000
  { model: "openai/gpt-4o", usage: tokens(100, 10, { cached_tokens: 40 }), nanos: 250_000 },
  // No price, never zero
  { model: "replay/unheard-of", usage: tokens(100, 10), nanos: null },
];

/** By the prices of the price data and what vendors say of their tiers. */
export const BY_PRICE_DATA: readonly BilledCall[] = [
  // gpt-4.1: 2 in, 0.50 cached, 8 out: 700 x 2,000 + 300 x 500 + 200 x 8,000
  { model: "openai/gpt-4.1", usage: tokens(1_000, 200, { cached_tokens: 300 }), nanos: 3_150_000 },
  // Flex, half: 1,575,000
  {
    model: "openai/gpt-4.1",
    usage: tokens(1_000, 200, { cached_tokens: 300 }),
    serviceTier: "flex",
    nanos: 1_575_000,
  },
  // Priority, 3.50 in, 0.875 cached, 14 out: 700 x 3,500 + 300 x 875 + 200 x 14,000
  {
    model: "openai/gpt-4.1",
    usage: tokens(1_000, 200, { cached_tokens: 300 }),
    serviceTier: "priority",
    stream: true,
    nanos: 5_512_500,
  },
  // gpt-5-mini in priority, 0.45 in, 0.045 cached, 3.60 out: 90 x 450 + 10 x 45 + 7 x 3,600
  {
    model: "openai/gpt-5-mini",
    usage: tokens(100, 7, { cached_tokens: 10 }, { reasoning_tokens: 5 }),
    serviceTier: "priority",
    nanos: 66_150,
  },
  // gpt-5: 1.25 in, 10 out, reasoning as output: 333 x 1,250 + 77 x 10,000
  { model: "openai/gpt-5", usage: tokens(333, 77, {}, { reasoning_tokens: 64 }), nanos: 1_186_250 },
  // gpt-5.6-terra since 2026-07-30: 2 in, 2.50 written, 0.20 read, 12 out, below its border:
  //   800 x 2,000 + 150 x 2,500 + 50 x 200 + 20 x 12,000
  {
    model: "openai/gpt-5.6-terra",
    usage: tokens(1_000, 20, { cached_tokens: 50, cache_write_tokens: 150 }),
    nanos: 2_225_000,
  },
  // The largest request below, 271,999 x 2,000, and the smallest above, 272,000 x 4,000
  { model: "openai/gpt-5.6-terra", usage: tokens(271_999, 0), nanos: 543_998_000 },
  { model: "openai/gpt-5.6-terra", usage: tokens(272_000, 0), nanos: 1_088_000_000 },
  // 100,000 x 4,000 + 150,000 x 5,000 + 50,000 x 400 + 20 x 18,000
  {
    model: "openai/gpt-5.6-terra",
    usage: tokens(300_000, 20, { cached_tokens: 50_000, cache_write_tokens: 150_000 }),
    stream: true,
    nanos: 1_170_360_000,
  },
  // gpt-audio: text 2.50 and 10, sound 32 and 64: 40 x 2,500 + 60 x 32,000 + 20 x 10,000 + 80 x 64,000
  {
    model: "openai/gpt-audio",
    usage: tokens(100, 100, { audio_tokens: 60 }, { audio_tokens: 80 }),
    nanos: 7_340_000,
  },
  // gpt-realtime: 300 cached of which 200 sound, all at 0.40; sound 400 at 32, text 300 at 4; sound out 50 at 64:
  //   300 x 400 + 400 x 32,000 + 300 x 4,000 + 50 x 64,000
  {
    model: "openai/gpt-realtime",
    usage: tokens(
      1_000,
      50,
      { cached_tokens: 300, audio_tokens: 600, cached_tokens_details: { audio_tokens: 200 } },
      { audio_tokens: 50 },
    ),
    nanos: 17_320_000,
  },
  // gpt-image-1.5: text 5, images in 8, images out 32: 50 x 5,000 + 194 x 8,000 + 1,056 x 32,000
  {
    model: "openai/gpt-image-1.5",
    usage: tokens(244, 1_056, { image_tokens: 194 }, { image_tokens: 1_056 }),
    nanos: 35_594_000,
  },
  // groq llama-3.3-70b-versatile: 0.59 in, 0.79 out; flex costs the same: 41 x 590 + 8 x 790
  { model: "groq/llama-3.3-70b-versatile", usage: tokens(41, 8), serviceTier: "flex", nanos: 30_510 },
  // groq openai/gpt-oss-20b: 0.075 in, 0.0375 cached, 0.30 out: 31 x 75 + 10 x 37.5 + 3 x 300
  { model: "groq/openai/gpt-oss-20b", usage: tokens(41, 3, { cached_tokens: 10 }), nanos: 3_600 },
  // 32 x 75 + 9 x 37.5 + 3 x 300 = 3,637.5, half up
  {
    model: "groq/openai/gpt-oss-20b",
    usage: tokens(41, 3, { cached_tokens: 9 }),
    stream: true,
    nanos: 3_638,
  },
  // An unknown model of a known provider has no price
  { model: "openai/gpt-unheard-of", usage: tokens(100, 10), nanos: null },
];
