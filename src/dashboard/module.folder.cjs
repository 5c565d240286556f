// The folder of this file. CommonJS in both builds: `import.meta` does not exist in the one, `__dirname` not in the other.
module.exports = __dirname;
