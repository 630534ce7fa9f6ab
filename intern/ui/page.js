// The little that only the browser can do: the address, the draft, and the cross-hair over the curves.
(() => {
  const url = () => new URL(window.location.href);

  // The run belongs in the address, so that a reload, a bookmark or a second tab comes back to it.
  window.internRemember = (run) => {
    const here = url();
    if ((here.searchParams.get("run") || "") === (run || "")) return;
    if (run) here.searchParams.set("run", run);
    else here.searchParams.delete("run");
    window.history.replaceState(window.history.state, "", here);
    // On a Space the app is a frame: its parent keeps the visible address.
    if (window.parent !== window) {
      window.parent.postMessage({ queryString: here.searchParams.toString() }, "https://huggingface.co");
    }
  };

  // What was said stands in the conversation before the server has heard it; a refusal takes it back.
  const KEEP = { __type__: "update" };
  let sending = null;
  const inert = (text) => {
    const holder = document.createElement("div");
    holder.textContent = text;
    return holder.innerHTML.replaceAll("$", "&#36;").replaceAll("\n", "<br>");
  };
  const message = (role, text) => ({ role, metadata: null, options: null, content: [{ type: "text", text }] });
  const echo = (text, chat) => [
    ...(chat || []), // after "New run" there is no list, not an empty one
    message("user", `<div class="said">${inert(text)}</div><time class="when">${clock(new Date())}</time>`),
    message("assistant", '<div class="working">Working</div>'),
  ];
  window.internSay = (task, chat, paper, file) => {
    const send = document.querySelector("#send");
    const text = (task || "").trim() || (paper || file ? "read the paper" : "");
    // Nothing to say, or not now: the server says why.
    if (sending || !text || !send?.checkVisibility()) return [sending ? KEEP : task, KEEP, KEEP];
    sending = { task, chat };
    return [task, "", echo(text, chat)];
  };
  window.internSayExample = (_, chat) => {
    const text = window.internExamples[sending ? -1 : picked];
    if (!text) return [KEEP, KEEP, KEEP];
    sending = { task: "", chat };
    return [KEEP, KEEP, echo(text, chat)];
  };
  window.internSaid = () => { sending = null; };
  window.internTakeBack = (task, chat) => {
    const before = sending;
    sending = null;
    if (!before) return [KEEP, KEEP];
    if (!task && before.task) sessionStorage.setItem(KEY, before.task);
    return [task || before.task, before.chat];
  };
  let picked = -1;
  document.addEventListener("click", (event) => {
    const example = event.target.closest?.("#chat .example");
    if (example) picked = [...document.querySelectorAll("#chat .example")].indexOf(example);
  }, true);

  // What was being typed survives the reload that follows a lost connection.
  const KEY = "intern-draft";
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("#task")) sessionStorage.setItem(KEY, event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.closest?.("#task")) sessionStorage.removeItem(KEY);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#send")) sessionStorage.removeItem(KEY);
  });
  const restoreDraft = () => {
    const box = document.querySelector("#task textarea, #task input");
    if (!box) return window.setTimeout(restoreDraft, 200);
    const draft = sessionStorage.getItem(KEY);
    if (draft && !box.value) {
      box.value = draft;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  restoreDraft();

  // Gradio looks every two seconds whether a lost server is there again; a person should not have to wait for that.
  let looking = false;
  window.setInterval(async () => {
    const titles = [...document.querySelectorAll(".toast-title")];
    if (looking || !titles.some((title) => title.textContent.includes("Connection Lost"))) return;
    looking = true;
    try {
      const answer = await fetch(new URL("gradio_api/app_id", document.baseURI));
      if (answer.ok) window.location.reload();
    } catch {
      // still away
    } finally {
      looking = false;
    }
  }, 300);

  // On a narrow screen the list of runs would cover the page: it starts folded.
  const foldSidebar = () => {
    const button = document.querySelector("#sidebar .toggle-button");
    if (!button) return window.setTimeout(foldSidebar, 50);
    if (window.innerWidth < 900 && button.closest(".sidebar.open")) button.click();
  };
  foldSidebar();
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#sidebar a[data-run], #new-run, #setup")) return;
    if (event.target.closest("#new-run")) window.internRemember("");
    if (event.target.closest("#setup")) window.scrollTo(0, 0); // it opens at the top
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens elsewhere
    foldSidebar();
  });

  // The tab that matters now comes forward by itself, until the person chooses one in this run.
  let tabRun = "";
  let chosen = false;
  const choice = (event) => {
    if (event.isTrusted && event.target.closest?.("#tabs [role=tab]")) chosen = true;
  };
  document.addEventListener("click", choice, true);
  document.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) choice(event);
  }, true);
  window.internTab = (wanted) => {
    const [tab, run] = (wanted || "").split(" ");
    if (run !== tabRun) [tabRun, chosen] = [run, false];
    const button = document.querySelector(`#tabs [role=tablist] [data-tab-id="${tab}"]`);
    if (!chosen && button && button.getAttribute("aria-selected") !== "true") button.click();
  };

  // The arrows that fold a step have no name of their own: a screen reader hears which step they fold.
  const nameArrows = () => {
    for (const arrow of document.querySelectorAll('#chat button.icon-button[aria-label=""]')) {
      const title = arrow.parentElement?.innerText.trim() || "this step";
      arrow.setAttribute("aria-label", `Show or hide ${title.slice(0, 80)}`);
    }
  };
  let naming = 0;
  const nameSoon = () => { naming ||= window.setTimeout(() => { naming = 0; nameArrows(); tellTimes(); }, 300); };

  // The server's clock may stand elsewhere: times are told in the reader's own time zone.
  const clock = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const tellTimes = () => {
    for (const node of document.querySelectorAll("time[datetime]")) {
      const date = new Date(node.getAttribute("datetime"));
      const today = date.toDateString() === new Date().toDateString();
      const day = today || node.closest("#runs") ? "" : `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, `;
      const text = day + clock(date);
      if (node.textContent !== text && !isNaN(date)) node.textContent = text;
    }
  };

  // A run's link into the clipboard; and "/" goes to the message box from anywhere.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    await navigator.clipboard?.writeText(new URL(button.dataset.copy, window.location.href).href);
    button.textContent = "Copied";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable=true]")) return;
    event.preventDefault();
    document.querySelector("#task textarea, #task input")?.focus();
  });
  new MutationObserver(nameSoon).observe(document.documentElement, { childList: true, subtree: true });

  // Cross-hair: the nearest step under the pointer and every seed's value there.
  const SVG = "http://www.w3.org/2000/svg";
  const clear = () => document.querySelectorAll(".chart .hover").forEach((node) => node.remove());
  const make = (name, attributes, text) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const short = (value) => String(Number(value.toPrecision(4)));
  window.internHover = (event) => {
    clear();
    const svg = event?.target?.closest?.(".chart svg");
    if (!svg) return;
    const [left, right, top, bottom, width, height] = [Number(svg.dataset.left), 10, 10, 24, 480, 168];
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const [x0, x1, y0, y1] = ["x0", "x1", "y0", "y1"].map((key) => Number(svg.dataset[key]));
    const found = [...svg.querySelectorAll("polyline")].map((line) => {
      const points = line.getAttribute("points").split(" ").map((pair) => pair.split(",").map(Number));
      const near = points.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));
      const value = y0 + ((height - bottom - near[1]) / (height - top - bottom)) * (y1 - y0);
      return { near, value, label: line.dataset.label, colour: line.classList[1] };
    });
    if (!found.length) return;
    const group = make("g", { class: "hover" });
    const at = found[0].near[0];
    const step = Math.round(x0 + ((at - left) / (width - left - right)) * (x1 - x0));
    group.append(make("line", { x1: at, x2: at, y1: top, y2: height - bottom, class: "cross" }));
    for (const { near, colour } of found) group.append(make("circle", { cx: near[0], cy: near[1], r: 3, class: `dot ${colour}` }));
    const onRight = at > width / 2;
    const lines = [`step ${step}`, ...found.map(({ label, value }) => `${label}: ${short(value)}`)];
    const textX = onRight ? at - 8 : at + 8;
    lines.forEach((text, index) => {
      group.append(make("text", { x: textX, y: top + 12 + 14 * index, "text-anchor": onRight ? "end" : "start" }, text));
    });
    svg.append(group);
  };
})();
