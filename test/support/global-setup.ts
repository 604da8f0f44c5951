import { startTestServer } from './test-server';

// Jest takes a module that is a function.
module.exports = startTestServer;
