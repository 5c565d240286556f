// The folder of this file. CommonJS in both builds: `import.meta` does not exist in the one, `__dirname` not in the other.
// Empty in a bundle that is an ES module.
module.exports = typeof __dirname === 'undefined' ? '' : __dirname;
