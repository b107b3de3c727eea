"use strict";
(() => {
  const root = document.documentElement;
  const status = document.getElementById("status");
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

  const system = matchMedia("(prefers-color-scheme: dark)");
  const themeButton = document.getElementById("theme");
  let chosen = null;
  const showTheme = () => {
    const dark = chosen === null ? system.matches : chosen === "dark";
    root.dataset.theme = dark ? "dark" : "light";
    themeButton.textContent = dark ? "Light theme" : "Dark theme";
  };
  themeButton.addEventListener("click", () => {
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    showTheme();
  });
  system.addEventListener("change", showTheme);
  themeButton.hidden = false;
  showTheme();

  const number = (text) => {
    const value = parseFloat(text.replace(/,/g, "").replace("\u2212", "-").replace("\u221e", "Infinity"));
    return Number.isNaN(value) ? null : value;
  };
  const collator = new Intl.Collator(undefined, { numeric: true });
  const sortKey = (cell, numeric) => {
    const text = (cell.querySelector("b") || cell).textContent.trim();
    return numeric ? number(text) : text;
  };
  const sort = (button) => {
    const head = button.closest("th");
    const table = head.closest("table");
    const numeric = head.classList.contains("n");
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : numeric && head.dataset.first !== "up";
    all("th[aria-sort]", table).forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const column = head.cellIndex;
    for (const body of table.tBodies) {
      const titles = Array.from(body.rows).filter((row) => row.querySelector("th[scope=rowgroup]"));
      const rows = Array.from(body.rows).filter((row) => !titles.includes(row))
        .map((row) => [row.cells[column] ? sortKey(row.cells[column], numeric) : null, row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        const order = numeric ? a - b : collator.compare(a, b);
        return down ? -order : order;
      });
      body.append(...titles, ...rows.map(([, row]) => row));
    }
    status.textContent = `Sorted by ${button.textContent.trim()}, ${down ? "descending" : "ascending"}.`;
  };
  const filter = (input) => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    let total = 0;
    for (const body of document.getElementById(input.dataset.table).tBodies) {
      let title = null;
      let below = 0;
      for (const row of body.rows) {
        if (row.querySelector("th[scope=rowgroup]")) {
          title = row;
          continue;
        }
        const text = (row.textContent + " " + (row.dataset.words || "")).toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        below += row.hidden ? 0 : 1;
        total += 1;
      }
      if (title) title.hidden = below === 0;
      shown += below;
    }
    status.textContent = `${shown} of ${total} rows shown.`;
  };

  // Tables that came without them get a filter and heads that sort, when they have rows enough.
  const LONG = 8;
  all("main table").forEach((table, at) => {
    const heads = table.tHead ? Array.from(table.tHead.rows[0].cells) : [];
    const rows = all("tbody tr", table).filter((row) => !row.querySelector("th[scope=rowgroup]"));
    const region = table.closest(".scroll");
    table.classList.toggle("many", heads.length > 9);
    if (rows.length < 2 || !heads.length || all("[colspan], [rowspan]", table).some((cell) =>
      !cell.closest("tr").querySelector("th[scope=rowgroup]"))) return;
    if (!table.querySelector("thead button")) {
      heads.filter((head) => head.textContent.trim()).forEach((head) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
      });
    }
    heads.forEach((head) => {
      head.classList.toggle("short", head.textContent.split(/\s+/).every((word) => word.length < 15));
    });
    table.id = table.id || `table-${at}`;
    if (rows.length < LONG || !region || document.querySelector(`input[data-table="${table.id}"]`)) return;
    const tools = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    tools.className = "tools";
    input.type = "search";
    input.dataset.table = table.id;
    label.append("Filter rows", input);
    label.title = region.getAttribute("aria-label");
    input.setAttribute("aria-label", `Filter rows: ${label.title}`);
    tools.append(label);
    region.before(tools);
  });
  all("th button").forEach((button) => button.addEventListener("click", () => sort(button)));
  all("input[data-table]").forEach((input) => input.addEventListener("input", () => filter(input)));

  const unfoldButton = document.getElementById("unfold");
  const folds = all("details");
  const unfold = (open) => {
    folds.forEach((one) => { one.open = open; });
    unfoldButton.setAttribute("aria-pressed", String(open));
    status.textContent = open ? "Everything is unfolded." : "Everything is folded.";
  };
  unfoldButton.addEventListener("click", () => unfold(unfoldButton.getAttribute("aria-pressed") !== "true"));
  unfoldButton.hidden = folds.length === 0;

  const element = (name, text, className = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const fill = (cell, packed, reasons) => {
    cell.removeAttribute("title");
    if (packed === null) {
      cell.className = "n";
      cell.replaceChildren();
      return;
    }
    if (typeof packed === "number") {
      cell.className = "n u";
      cell.title = reasons[packed];
      cell.replaceChildren("\u2014", element("span", " undefined", "vh"));
      return;
    }
    const best = packed.startsWith("*");
    const [value, mark, rest] = packed.slice(best ? 1 : 0).split(/([±?])/);
    cell.className = best ? "n best" : "n";
    const spread = element("small", mark === "±" ? `± ${rest}` : "no interval");
    if (mark === "?") cell.title = "no interval: " + reasons[Number(rest)];
    cell.replaceChildren(element("b", value), " ", spread);
  };
  const listReasons = (list, entries, nCells, reasons) => {
    const groups = new Map();
    for (const [reason, row, column] of entries) {
      if (!groups.has(reason)) groups.set(reason, new Map());
      const rows = groups.get(reason);
      rows.set(row, [...(rows.get(row) || []), column]);
    }
    list.replaceChildren(...Array.from(groups, ([reason, rows]) => {
      const who = Array.from(rows, ([row, columns]) =>
        columns.length === nCells.get(row) ? row : `${row} (${columns.join(", ")})`);
      return element("li", `${who.join("; ")}: ${reasons[reason]}`);
    }));
    list.parentElement.hidden = entries.length === 0;
    list.parentElement.querySelector("summary").textContent = `Undefined here: ${entries.length}, with reasons`;
  };
  all("script[data-grid]").forEach((script) => {
    const grid = JSON.parse(script.textContent);
    const width = grid.tokenizers.length;
    const update = (table, rowNames, columnNames, packedAt) => {
      const undefined_ = [];
      const nCells = new Map();
      columnNames.forEach((_, column) => {
        const hidden = rowNames.every((_, at) => packedAt(at, column) === null);
        for (const row of table.rows) row.cells[column + 1].hidden = hidden;
      });
      for (const row of table.tBodies[0].rows) {
        const at = Number(row.dataset.row);
        const packed = columnNames.map((_, column) => packedAt(at, column));
        packed.forEach((one, column) => {
          fill(row.cells[column + 1], one, grid.reasons);
          if (typeof one === "number") undefined_.push([one, at, column]);
        });
        nCells.set(rowNames[at], packed.filter((one) => one !== null).length);
      }
      undefined_.sort((a, b) => a[1] - b[1] || a[2] - b[2]);
      const list = document.getElementById(table.dataset.reasons);
      const entries = undefined_.map(([reason, at, column]) => [reason, rowNames[at], columnNames[column]]);
      listReasons(list, entries, nCells, grid.reasons);
      all("th[aria-sort]", table).forEach((th) => th.removeAttribute("aria-sort"));
      const choice = document.querySelector(`select[data-of="${table.id}"]`);
      const shown = choice.selectedOptions[0].textContent;
      table.querySelector(".shown").textContent = shown;
      status.textContent = `Table shows ${shown}.`;
    };
    const bind = (id, change) => {
      const select = document.querySelector(`select[data-of="${script.dataset.grid}${id}"]`);
      const table = document.getElementById(script.dataset.grid + id);
      select.addEventListener("change", () => change(table, Number(select.value)));
      select.selectedIndex = Array.from(select.options).findIndex((one) => one.defaultSelected);
    };
    bind("by-metric", (table, part) =>
      update(table, grid.metrics, grid.tokenizers, (row, column) => grid.cells[part][row * width + column]));
    const columns = [...grid.tokenizers, ...grid.baselines];
    bind("by-slice", (table, metric) => {
      const beside = grid.beside[metric] || grid.slices.map(() => grid.baselines.map(() => null));
      update(table, grid.slices, columns, (row, column) =>
        column < width ? grid.cells[row][metric * width + column] : beside[row][column - width]);
    });
  });

  all("select[data-samples]").forEach((select) => {
    const show = () => all(".sample", document.getElementById(select.dataset.samples)).forEach((sample) => {
      sample.hidden = select.value !== "" && sample.dataset.slice !== select.value;
    });
    if (select.options.length > 2) select.selectedIndex = 1;
    select.addEventListener("change", show);
    show();
  });

  all(".needs-script").forEach((one) => { one.hidden = false; });
  const reveal = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const folded = target && target.closest("details");
    if (folded && !folded.open) { folded.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
