import { z } from "zod";
import { duration, text, wholeNumber } from "./fields.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** What one request, and all of them together, may take. */
export const limitsSection = z
  .strictObject({
    body_bytes: wholeNumber(1024, GIB, "Largest request body, in bytes").default(32 * MIB),
    request_body_ms: duration("How long a client may take to send its request").default(60_000),
    answer_bytes: wholeNumber(1024, 4 * GIB, "Largest answer of a provider, in bytes").default(64 * MIB),
    max_in_flight: wholeNumber(1, 1_000_000, "Calls at once; more are refused with 503").default(10_000),
  })
  .describe("What one request, and all of them together, may take");

const connect = duration("How long connecting to a provider may take");
const firstByte = duration("How long a provider may take from the request to the first byte of its answer");
const betweenBytes = duration("How long a provider's answer may pause");
const total = duration("How long a whole call may take, all its attempts together");

/** How long each phase of a call may take. */
export const timeoutsSection = z
  .strictObject({
    connect_ms: connect.default(10_000),
    first_byte_ms: firstByte.default(300_000),
    between_bytes_ms: betweenBytes.default(120_000),
    total_ms: total.default(900_000),
  })
  .describe("How long each phase of a call may take");

/** What one provider has otherwise than the rest. */
export const timeoutOverrides = z
  .strictObject({
    connect_ms: connect.optional(),
    first_byte_ms: firstByte.optional(),
    between_bytes_ms: betweenBytes.optional(),
    total_ms: total.optional(),
  })
  .describe("Timeouts of this provider, where they differ from the top-level ones");

/** How streams are kept alive. */
export const streamSection = z
  .strictObject({
    keep_alive_ms: wholeNumber(
      0,
      600_000,
      "Silence in a stream after which a comment is sent, in milliseconds; 0 for never",
    ).default(15_000),
  })
  .describe("How streams are kept alive");

/** How calls are accounted for. */
export const ledgerSection = z
  .strictObject({
    durability: z
      .enum(["process", "disk"])
      .default("process")
      .describe(
        "What a row survives once written: the end of this process, or (slower) that of the machine too",
      ),
    journal_bytes: wholeNumber(
      MIB,
      1024 * GIB,
      "Largest journal while the database is down, in bytes",
    ).default(GIB),
  })
  .describe("How calls are accounted for");

/** How much is kept of answers to calls with an Idempotency-Key. */
export const idempotencySection = z
  .strictObject({
    answer_bytes: wholeNumber(1024, 64 * MIB, "Largest answer that is kept, in bytes").default(8 * MIB),
    store_bytes: wholeNumber(MIB, 1024 * GIB, "Of kept answers, all together, in bytes").default(GIB),
  })
  .describe("How much is kept of answers to calls with an Idempotency-Key");

const project = text({ description: "Name of a project", mend: "Write a project's name." });

/** What is logged. */
export const logSection = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error", "silent"])
      .default("info")
      .describe("Least serious entries that are logged"),
    content_of_projects: z
      .array(project)
      .default([])
      .describe("Projects whose prompts and answers are logged. None but these ever are."),
  })
  .describe("What is logged");
