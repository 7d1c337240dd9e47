import type { Probe } from "../probe.ts";
import { answer } from "./answer.ts";
import { authentication } from "./authentication.ts";
import { errorShapes } from "./error-shapes.ts";
import { image } from "./image.ts";
import { longInput } from "./long-input.ts";
import { modelList } from "./model-list.ts";
import { parameters } from "./parameters.ts";
import { reasoning } from "./reasoning.ts";
import { stream } from "./stream.ts";
import { structuredOutput } from "./structured-output.ts";
import { tools } from "./tools.ts";

/** Everything that `gatehouse check` asks, in its order. The first decides whether the rest can be asked at all. */
export const probes: readonly [Probe, ...Probe[]] = [
  authentication,
  modelList,
  answer,
  stream,
  tools,
  structuredOutput,
  image,
  reasoning,
  parameters,
  longInput,
  errorShapes,
];
