// Runs samples/connect/spreadsheet.gs as Google Apps Script would, as far as it is used there. Requests leave as a
// line of JSON on standard output and are answered by one on standard input; the last line out is the sheet.
const fs = require("fs");
const vm = require("vm");
const crypto = require("crypto");
const [file, called, given] = process.argv.slice(2);
const { cells, properties } = JSON.parse(given);
const waits = [];

let read = "";
function answerTo(line) {
  fs.writeSync(1, JSON.stringify(line) + "\n");
  const chunk = Buffer.alloc(65536);
  while (!read.includes("\n")) {
    const length = fs.readSync(0, chunk);
    if (!length) throw new Error("nobody answers");
    read += chunk.toString("utf8", 0, length);
  }
  const [first, ...rest] = read.split("\n");
  read = rest.join("\n");
  return JSON.parse(first);
}

const sheet = {
  getDataRange: () => ({ getValues: () => cells.map((row) => row.map((cell) => (cell && cell.day ? new Date(cell.day) : cell))) }),
  getRange: (row, column) => ({ setValue: (value) => (cells[row - 1][column - 1] = value) }),
};
const context = {
  SpreadsheetApp: {
    getActiveSpreadsheet: () => ({ getSheets: () => [sheet], getSpreadsheetTimeZone: () => "Europe/London" }),
  },
  PropertiesService: { getScriptProperties: () => ({ getProperty: (name) => properties[name] ?? null }) },
  UrlFetchApp: {
    fetch: (url, options) => {
      if (!options.muteHttpExceptions || options.followRedirects) throw new Error("options");
      const answer = answerTo({ url, ...options });
      return {
        getResponseCode: () => answer.status,
        getContentText: () => answer.text,
        getHeaders: () => answer.headers,
      };
    },
  },
  Utilities: {
    Charset: { UTF_8: "utf8" },
    DigestAlgorithm: { SHA_256: "sha256" },
    computeDigest: (algorithm, text, charset) => [...new Int8Array(crypto.createHash(algorithm).update(text, charset).digest())],
    base64EncodeWebSafe: (bytes) => Buffer.from(Int8Array.from(bytes).buffer).toString("base64url"),
    formatDate: (date, zone) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(date),
    sleep: (milliseconds) => waits.push(milliseconds),
  },
};
vm.createContext(context);
vm.runInContext(fs.readFileSync(file, "utf8"), context, { filename: file });
let failed = "";
try {
  context[called]();
} catch (error) {
  failed = error.message;
}
fs.writeSync(1, JSON.stringify({ cells, waits, failed }) + "\n");
