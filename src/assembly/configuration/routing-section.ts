import { z } from "zod";
import { duration, text, wholeNumber } from "./fields.ts";

const health = z
  .strictObject({
    consecutive_failures: wholeNumber(1, 1000, "So many failures in a row take a target out").default(5),
    failure_percent: z
      .number()
      .min(1)
      .max(100)
      .default(50)
      .describe("Or so many of a hundred calls within the window"),
    window_ms: duration("The window in which calls are counted").default(10_000),
    min_calls: wholeNumber(1, 100_000, "Fewer calls within the window say nothing").default(20),
    slow_ms: wholeNumber(
      1,
      3_600_000,
      "A first token that comes later counts as slow; a target of which `failure_percent` are slow is taken out too",
    ).optional(),
    open_ms: duration("How long a target is out, the first time; each time after doubles it").default(1000),
    max_open_ms: duration("The longest that a target is out before it is tried again").default(30_000),
    probe_every_ms: wholeNumber(
      100,
      3_600_000,
      "How often each provider of a route is asked for the list of its models, to know whether it is there; never where not written",
    ).optional(),
  })
  .describe("When a target of a route is taken out; where all are out, they are asked all the same");

const retryBudget = z
  .strictObject({
    percent: z
      .number()
      .min(0)
      .max(100)
      .default(20)
      .describe("Retries of a route, of a hundred of its calls in the last ten seconds"),
    floor: wholeNumber(0, 100_000, "And so many more in ten seconds").default(50),
  })
  .describe("Bounds the calls upstream beyond the clients' own");

const queue = z
  .strictObject({
    length: wholeNumber(0, 100_000, "Calls that may wait for a key of a provider").default(200),
    wait_ms: wholeNumber(1, 600_000, "How long one may wait, in milliseconds").default(5000),
  })
  .describe("Waiting where `max_in_flight` of a provider or key is reached; projects take turns");

const project = text({ description: "Name of a project", mend: "Write a project's name." });

/** What holds for all routes. */
export const routingSection = z
  .strictObject({
    health: health.prefault({}),
    retry_budget: retryBudget.prefault({}),
    queue: queue.prefault({}),
    explain_to_projects: z
      .array(project)
      .default([])
      .describe("Projects whose calls are told, with x-gatehouse-explain: true, why a target was chosen"),
  })
  .describe("What holds for all routes");
