/** Makers of models whose signatures and uploaded files mean something to them alone. */
export type Vendor = "anthropic" | "google" | "openai";
