// The enclave's own part of JupyterLab, written as the module-federation container that JupyterLab loads from disk:
// no build step, no package from elsewhere. It takes Lab's own modules from the shared scope and adds
//   1. tutorials as launcher cards, each opening the researcher's own copy in the workspace;
//   2. a welcome page on the first visit;
//   3. a message where a file is dropped or pasted from outside (the lab's server refuses it anyway);
//   4. a calm page: no entries of Vega charts that would lead out, and no try at filling the screen.
(() => {
  const NAME = "c2c-room";
  const BROUGHT_IN = "Nothing is uploaded into a lab. Ask the enclave's office to bring a file in for your project.";
  let shared = null;

  async function lab(name) {
    const versions = shared[name];
    const factory = await versions[Object.keys(versions).sort().pop()].get();
    return factory();
  }

  // Asks the folder above: asking for what is not there would be an error in the browser's console.
  async function exists(contents, path) {
    const [, folder, name] = path.match(/^(?:(.*)\/)?([^/]+)$/);
    if (folder && !(await exists(contents, folder))) return false;
    const listing = await contents.get(folder ?? "");
    return listing.content.some(entry => entry.name === name);
  }

  async function ensureFolder(contents, folder) {
    if (await exists(contents, folder)) return;
    const made = await contents.newUntitled({ type: "directory" });
    await contents.rename(made.path, folder);
  }

  function cards(modules, welcome) {
    const { launcher, apputils, coreutils, ui } = modules;
    const shelf = coreutils.URLExt.join(coreutils.PageConfig.getOption("fullLabextensionsUrl"), NAME, "static", "shelf.json");

    async function fetchShelf() {
      const answer = await fetch(shelf);
      if (!answer.ok) throw new Error("The tutorials cannot be read; open the lab again.");
      return answer.json();
    }

    async function openTutorial(app, tutorial) {
      const contents = app.serviceManager.contents;
      const path = `tutorials/${tutorial.file}`;
      if (!(await exists(contents, path))) {
        await ensureFolder(contents, "tutorials");
        await contents.save(path, { type: "notebook", format: "json", content: tutorial.notebook });
      }
      return app.commands.execute("docmanager:open", { path });
    }

    async function greet(app, text) {
      const contents = app.serviceManager.contents;
      if (await exists(contents, welcome)) return;
      await contents.save(welcome, { type: "file", format: "text", content: text });
      if (!document.querySelector(".jp-Launcher")) await app.commands.execute("launcher:create");
      await app.commands.execute("docmanager:open", { path: welcome, factory: "Markdown Preview", options: { mode: "split-right", activate: false } });
    }

    return {
      id: `${NAME}:shelf`,
      autoStart: true,
      optional: [launcher.ILauncher, apputils.ICommandPalette],
      activate: async (app, cardBoard, palette) => {
        const found = await fetchShelf();
        found.tutorials.forEach((tutorial, rank) => {
          const command = `c2c:tutorial-${tutorial.file.replace(/\W/g, "-")}`;
          app.commands.addCommand(command, {
            label: tutorial.title,
            caption: tutorial.about,
            icon: ui.notebookIcon,
            execute: () => openTutorial(app, tutorial).catch(problem => apputils.showErrorMessage("Tutorial", problem)),
          });
          cardBoard?.add({ command, category: "Start here", rank, categoryRank: -1 });
          palette?.addItem({ command, category: "Start here" });
        });
        app.restored.then(() => greet(app, found.welcome)).catch(() => undefined);
      },
    };
  }

  function door(modules) {
    const fromOutside = event => Array.from((event.dataTransfer ?? event.clipboardData)?.types ?? []).includes("Files");
    return {
      id: `${NAME}:door`,
      autoStart: true,
      activate: () => {
        for (const kind of ["dragenter", "dragover", "drop", "paste"]) {
          document.addEventListener(kind, event => {
            if (!fromOutside(event)) return;
            event.preventDefault();
            event.stopImmediatePropagation();
            if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
            if (kind === "drop" || kind === "paste") modules.apputils.Notification.warning(BROUGHT_IN, { autoClose: 15000 });
          }, true);
        }
      },
    };
  }

  const calm = {
    id: `${NAME}:calm`,
    autoStart: true,
    activate: () => {
      // The frame may not fill the screen (a page that does could pass for the portal); Lab's reset of the layout asks.
      document.documentElement.requestFullscreen = async () => undefined;
      const style = document.createElement("style");
      style.textContent = ".vega-embed details, .vega-embed .vega-actions { display: none !important; }";
      document.head.appendChild(style);
    },
  };

  async function plugins() {
    const [launcher, apputils, coreutils, ui] = await Promise.all(
      ["launcher", "apputils", "coreutils", "ui-components"].map(name => lab(`@jupyterlab/${name}`)));
    const modules = { launcher, apputils, coreutils, ui };
    return [cards(modules, "Welcome.md"), door(modules), calm];
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init(scope) { shared = scope; },
    async get() {
      const exported = { __esModule: true, default: await plugins() };
      return () => exported;
    },
  };
})();
