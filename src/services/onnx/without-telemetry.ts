/**
 * From 1.29 on, the builds of ONNX Runtime for Linux and macOS report to Microsoft by default: a device id that they keep in the home directory, what
 * sessions are made of, the names of models and graphs. Whose models these are has agreed to nothing of the kind. It has to be said before the first
 * session, and in the main thread, whose environment is the process's; docs/Privacy.md of the project has the details.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
