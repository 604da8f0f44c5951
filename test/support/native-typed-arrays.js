const vm = require('node:vm');

/**
 * Jest runs tests in a realm of their own. The addon of onnxruntime-node makes its results in Node's realm, and onnxruntime-common checks them with
 * instanceof, so tests must use Node's own typed arrays.
 */
for (const name of ['Float32Array', 'Float64Array', 'BigInt64Array', 'Int32Array']) {
  globalThis[name] = vm.runInThisContext(name);
}
