/**
 * Keeps the first sheet of a Google spreadsheet and the newsletter in step. docs/connect.md says how to set it up.
 *
 * The first row of the sheet: Email, Name, Consent, Consented on, Status, Id. People fill in the first four; the last
 * two are this script's. "Consent" is a sentence that says how somebody consented. Without it they are asked by email.
 */

const TAG = "spreadsheet";
const MOST_WAITS = 3;
const LONGEST_WAIT_SECONDS = 60;

/** Puts the two functions into the menu of the spreadsheet. */
function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu("Newsletter")
    .addItem("Add new rows", "addNewRows")
    .addItem("Look who left", "markWhoLeft")
    .addToUi();
}

/** Adds everybody whose status is empty. What was cut off goes on with the rows that are left. */
function addNewRows() {
  const sheet = SpreadsheetApp.getActiveSpreadsheet().getSheets()[0];
  const [headings, ...rows] = sheet.getDataRange().getValues();
  const place = placesOf(headings);
  rows.forEach((row, index) => {
    if (!row[place.Email] || row[place.Status]) return;
    const body = { email: String(row[place.Email]).trim(), name: String(row[place.Name]) };
    if (row[place.Consent]) {
      body.evidence = String(row[place.Consent]);
      if (row[place["Consented on"]]) body.consented_on = dayOf(row[place["Consented on"]]);
    }
    const added = ask("POST", "/subscribers", body);
    if (added.id) ask("PATCH", `/subscribers/${added.id}`, { add_tags: TAG });
    sheet.getRange(index + 2, place.Status + 1).setValue(added.id ? added.result : `refused: ${added.detail}`);
    sheet.getRange(index + 2, place.Id + 1).setValue(added.id || "");
  });
}

/** Writes "unsubscribed" into the rows of those who left, by their ids: an address may have changed since. */
function markWhoLeft() {
  const sheet = SpreadsheetApp.getActiveSpreadsheet().getSheets()[0];
  const [headings, ...rows] = sheet.getDataRange().getValues();
  const place = placesOf(headings);
  const left = new Set();
  let cursor = "";
  do {
    const page = ask("GET", `/subscribers?status=unsubscribed&limit=100&cursor=${encodeURIComponent(cursor)}`);
    if (!page.items) throw new Error(page.detail);
    page.items.forEach((reader) => left.add(reader.id));
    cursor = page.next;
  } while (cursor);
  rows.forEach((row, index) => {
    if (left.has(row[place.Id])) sheet.getRange(index + 2, place.Status + 1).setValue("unsubscribed");
  });
}

/**
 * Sends one request, again where the API asks to wait, and returns what it answered: the answer, or a problem with
 * `detail`. The same POST has the same Idempotency-Key for as long as the newsletter remembers it, which is a day.
 */
function ask(method, path, body) {
  const properties = PropertiesService.getScriptProperties();
  const text = body ? JSON.stringify(body) : "";
  const headers = { Authorization: `Bearer ${properties.getProperty("FORTNIGHTLY_API_KEY")}` };
  if (method === "POST") headers["Idempotency-Key"] = digestOf(`${path} ${text}`);
  const options = { method: method.toLowerCase(), headers, muteHttpExceptions: true, followRedirects: false };
  if (text) Object.assign(options, { contentType: "application/json", payload: text });
  for (let wait = 0; ; wait++) {
    const answer = UrlFetchApp.fetch(`${properties.getProperty("FORTNIGHTLY_API")}/api/v1${path}`, options);
    const status = answer.getResponseCode();
    if ([429, 503].includes(status) && wait < MOST_WAITS) {
      const seconds = Number(answer.getHeaders()["Retry-After"]) || 1;
      Utilities.sleep(1000 * Math.min(seconds, LONGEST_WAIT_SECONDS));
      continue;
    }
    if (status === 401 || status === 403) throw new Error(JSON.parse(answer.getContentText()).detail);
    return JSON.parse(answer.getContentText());
  }
}

/** Returns where each column is, so that columns may be moved and others stand between them. */
function placesOf(headings) {
  const names = ["Email", "Name", "Consent", "Consented on", "Status", "Id"];
  const place = Object.fromEntries(names.map((name) => [name, headings.indexOf(name)]));
  const missing = names.filter((name) => place[name] < 0);
  if (missing.length) throw new Error(`The first row lacks: ${missing.join(", ")}`);
  return place;
}

/** Returns a day as the API reads it: a cell of a date is one, in the time zone of the spreadsheet. */
function dayOf(cell) {
  if (Object.prototype.toString.call(cell) !== "[object Date]") return String(cell).trim();
  return Utilities.formatDate(cell, SpreadsheetApp.getActiveSpreadsheet().getSpreadsheetTimeZone(), "yyyy-MM-dd");
}

/** Returns a name for a request that says the same. */
function digestOf(text) {
  const digest = Utilities.computeDigest(Utilities.DigestAlgorithm.SHA_256, text, Utilities.Charset.UTF_8);
  return Utilities.base64EncodeWebSafe(digest);
}
