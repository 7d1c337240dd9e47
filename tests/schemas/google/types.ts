import type {
  Candidate,
  Content,
  GenerateContentResponse,
  GenerateContentResponseUsageMetadata,
  GenerationConfig,
  SafetySetting,
  Tool,
  ToolConfig,
} from "@google/genai";

/** An answer of generateContent as it stands on the wire: what the SDK's class holds, without what it works out. */
export interface Answer
  extends Pick<GenerateContentResponse, "promptFeedback" | "modelVersion" | "responseId" | "createTime"> {
  candidates?: Candidate[];
  usageMetadata?: GenerateContentResponseUsageMetadata & { serviceTier?: string };
}

/** A request to generateContent as it stands on the wire: the SDK's types of its members, put together as it does. */
export interface Request {
  contents: Content[];
  systemInstruction?: Content;
  tools?: Tool[];
  toolConfig?: ToolConfig;
  generationConfig?: GenerationConfig;
  safetySettings?: SafetySetting[];
  cachedContent?: string;
  labels?: { [name: string]: string };
  serviceTier?: string;
  store?: boolean;
}
