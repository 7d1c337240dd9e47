/** The name of a canary's arm, as rows and the configuration have it; the other way is `control`. */
export const CANARY_ARM = "canary";
