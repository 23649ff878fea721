// An issue can be dragged to another day of the calendar. What that means is said on the next page, where a button does
// it; the form below the calendar leads to the same page, without a pointer and without this script.
const days = document.querySelectorAll("[data-day]");
let dragged = "";

for (const issue of document.querySelectorAll("[data-slug]")) {
  issue.draggable = true;
  issue.addEventListener("dragstart", (event) => {
    dragged = issue.dataset.slug;
    event.dataTransfer.setData("text/plain", issue.textContent.trim());
    event.dataTransfer.effectAllowed = "move";
    for (const day of days) day.classList.toggle("takes", !day.querySelector("[data-slug]"));
  });
  issue.addEventListener("dragend", () => {
    dragged = "";
    for (const day of days) day.classList.remove("takes", "over");
  });
}

for (const day of days) {
  day.addEventListener("dragover", (event) => {
    if (!dragged || day.querySelector("[data-slug]")) return;
    event.preventDefault();
    day.classList.add("over");
  });
  day.addEventListener("dragleave", () => day.classList.remove("over"));
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    const asked = new URLSearchParams({ slug: dragged, day: day.dataset.day });
    location.assign(`/desk/calendar/give/?${asked}`);
  });
}
