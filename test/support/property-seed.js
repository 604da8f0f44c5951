/** CI judges a change, and the same change deserves the same verdict; wherever else the tests run, properties go on looking for new counterexamples. */
if (process.env.CI) require('fast-check').configureGlobal({ seed: 1 });
