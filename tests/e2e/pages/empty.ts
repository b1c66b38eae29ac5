/** A page without telemetry: what a start costs is measured against it. */
document.title = "ready";

export {};
