import { asGatewayError } from "../../../model/gateway-error.ts";
import { short } from "../conversations.ts";
import type { Finding, Probe, ProbeContext } from "../probe.ts";

/** The provider lists its models. Few promise to list all that they serve, so that the model is missing is no fault. */
export const modelList: Probe = {
  name: "model list",
  features: [],
  question: short(""),
  bound: () => ({ input: 0, output: 0 }),
  async run({ client, target }: ProbeContext): Promise<Finding> {
    const { upstream, model } = target;
    if (upstream.modelList === undefined) return { status: "not-offered", said: "its dialect has no list" };
    try {
      const names = await client.listModels(upstream);
      if (names === undefined) return { status: "fail", said: `${upstream.modelList.url} gives no list` };
      const place = names.includes(model) ? "this one among them" : "this one not among them";
      return { status: "pass", said: `${names.length} models, ${place}` };
    } catch (thrown) {
      const { message, errorClass } = asGatewayError(thrown);
      return errorClass === "caller"
        ? { status: "not-offered", said: `there is none at ${upstream.modelList.url}` }
        : { status: "fail", said: message };
    }
  },
};
