import type { Provider } from "../../model/provider.ts";
import { CLAUDE_ON_BEDROCK } from "./claude-on-bedrock.ts";
import { OTHER_FAMILIES } from "./other-families.ts";

/**
 * Amazon Bedrock, by Converse (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html): with a
 * Bedrock API key (https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html) or AWS credentials. A model is
 * named by its id, that of an inference profile (`us.anthropic.claude-...`), or an ARN.
 */
export const bedrock: Provider = Object.freeze({
  id: "bedrock",
  title: "Amazon Bedrock",
  endpoints: [{ dialect: "bedrock-converse" }],
  baseUrl: "https://bedrock-runtime.{region}.{suffix}",
  options: {
    region: {
      description: "The AWS region, such as eu-west-1",
      variables: ["AWS_REGION", "AWS_DEFAULT_REGION"],
      // https://docs.aws.amazon.com/general/latest/gr/bedrock.html
      gives: {
        suffix: [
          ["cn-*", "amazonaws.com.cn"],
          ["eusc-*", "amazonaws.eu"],
          ["us-isob-*", "sc2s.sgov.gov"],
          ["us-iso-*", "c2s.ic.gov"],
          ["*", "amazonaws.com"],
        ],
      },
    },
  },
  authentication: { scheme: "aws", service: "bedrock", key: { scheme: "bearer" } },
  keyVariables: ["AWS_BEARER_TOKEN_BEDROCK"],
  priceDataId: "aws",
  unlisted: ["regional.*"],
  quirks: [...CLAUDE_ON_BEDROCK, ...OTHER_FAMILIES],
} satisfies Provider);
