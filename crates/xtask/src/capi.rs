//! `cargo xtask capi`: the library for C, built, called from C, and watched meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::header;
use crate::install::{self, output};
use crate::page::block;

/// What `cargo xtask capi` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also builds and installs with cargo-c into a folder below target/, and compiles the example
    /// with what pkg-config says of that.
    #[arg(long)]
    install: bool,
}

/// The release of cargo-c that was tried.
const CARGO_C: &str = "0.10.18";

/// What the static library needs of the system's; the page says the same.
const SYSTEM_LIBRARIES: [&str; 3] = ["-lpthread", "-lm", "-ldl"];

/// Warnings are faults here: whoever includes the header may have these on.
const C: [&str; 7] =
    ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];

/// Runs them all.
pub(crate) fn run(args: &Args) -> Result<()> {
    let bench = Bench::new()?;
    header::check()?;
    install_tools()?;
    bench.cargo(&["build", "--quiet", "--locked", "-p", "feedsieve-capi"])?;
    bench.header_in_cpp()?;
    bench.everything_under_asan()?;
    bench.everything_under_valgrind()?;
    bench.golden_table()?;
    bench.page()?;
    if args.install {
        bench.install()?;
    }
    Ok(())
}

fn install_tools() -> Result<()> {
    install::debian("gcc", Path::new("/usr/bin/gcc"))?;
    install::debian("g++", Path::new("/usr/bin/g++"))?;
    install::debian("valgrind", Path::new("/usr/bin/valgrind"))
}

/// Where things are.
struct Bench {
    root: PathBuf,
    /// Emptied for each run.
    folder: PathBuf,
}

impl Bench {
    fn new() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = root.ancestors().nth(2).context("crates/xtask has no repository around it")?;
        let folder = root.join("target/capi");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self { root: root.to_owned(), folder })
    }

    fn cargo(&self, words: &[&str]) -> Result<()> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        output(Command::new(cargo).args(words).current_dir(&self.root)).map(drop)
    }

    /// Compiles a file of C against the static library.
    fn compile(&self, source: &Path, name: &str, flags: &[&str]) -> Result<PathBuf> {
        let program = self.folder.join(name);
        let crate_of_c = self.root.join("crates/capi");
        let mut gcc = Command::new("gcc");
        gcc.args(C).args(flags).arg("-I").arg(crate_of_c.join("include"));
        gcc.arg(source).arg("-o").arg(&program);
        gcc.arg(self.root.join("target/debug/libfeedsieve.a")).args(SYSTEM_LIBRARIES);
        output(&mut gcc)?;
        Ok(program)
    }

    /// A new folder.
    fn fresh(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }

    fn source(&self, name: &str) -> PathBuf {
        self.root.join("crates/capi").join(name)
    }

    /// The header means something to C++ too.
    fn header_in_cpp(&self) -> Result<()> {
        let mut cpp = Command::new("g++");
        cpp.args(["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]);
        output(cpp.args(["-x", "c++"]).arg(self.source("include/feedsieve.h"))).map(drop)
    }

    /// The program that calls everything, where AddressSanitizer looks on: at memory of C and of Rust,
    /// which both come from its malloc, and at the end at what nobody freed.
    fn everything_under_asan(&self) -> Result<()> {
        let flags = ["-fsanitize=address", "-fno-omit-frame-pointer"];
        let program = self.compile(&self.source("tests/all.c"), "all-asan", &flags)?;
        let mut run = Command::new(program);
        run.arg(self.fresh("asan")?)
            .arg("1")
            .env("ASAN_OPTIONS", "detect_leaks=1:detect_stack_use_after_return=1");
        said(&mut run)
    }

    /// The same where valgrind looks on, which also sees bytes that nobody wrote.
    fn everything_under_valgrind(&self) -> Result<()> {
        let program = self.compile(&self.source("tests/all.c"), "all", &[])?;
        let mut run = Command::new("valgrind");
        run.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]);
        run.args(["--errors-for-leak-kinds=definite", "--show-leak-kinds=definite"]);
        said(run.arg(program).arg(self.fresh("valgrind")?).arg("20"))
    }

    /// The table that all surfaces answer.
    fn golden_table(&self) -> Result<()> {
        let program = self.compile(&self.source("tests/surfaces.c"), "surfaces", &[])?;
        let folder = self.root.join("tests/data/surfaces");
        let lookups = Table::read(&folder.join("lookups.tsv"))?;
        let queries: Vec<&str> = lookups.rows.iter().map(|row| row[0].as_str()).collect();
        lookups.compare(1, &answers(&program, "lookups", &folder, &queries)?)?;

        let scans = Table::read(&folder.join("scans.tsv"))?;
        let feeds = self.fresh("feeds")?;
        let mut lines = Vec::new();
        for (index, row) in scans.rows.iter().enumerate() {
            let path = feeds.join(index.to_string());
            let feed: String = serde_json::from_str(&row[1])?;
            fs::write(&path, feed).with_context(|| path.display().to_string())?;
            lines.push(format!("{}\t{}", row[0], path.display()));
        }
        scans.compare(2, &answers(&program, "scans", &folder, &lines)?)?;
        println!(
            "promise E2: every function of feedsieve.h under AddressSanitizer and valgrind, {} lookups \
             and {} scans of the golden table",
            queries.len(),
            lines.len()
        );
        Ok(())
    }

    /// The example of the page, copied out of it into an empty folder.
    fn page(&self) -> Result<()> {
        let folder = self.fresh("page")?;
        let path = self.source("README.md");
        let page = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        for name in ["participants.csv", "feed.txt", "scan.c"] {
            fs::write(folder.join(name), block(&page, name)?)?;
        }
        let example = fs::read_to_string(self.source("examples/scan.c"))?;
        if block(&page, "scan.c")? != example {
            bail!("crates/capi/README.md shows another scan.c than crates/capi/examples");
        }
        let program = self.compile(&folder.join("scan.c"), "scan", &[])?;
        let mut run = Command::new(program);
        let found = output(run.args(["participants.csv", "feed.txt"]).current_dir(&folder))?;
        let shown = block(&page, "output")?;
        if found != shown {
            bail!("the example of crates/capi/README.md prints\n{found}and the page says\n{shown}");
        }
        // What is wrong is said, with an exit code that says so too.
        let mut run = Command::new(self.folder.join("scan"));
        match output(run.args(["participants.csv", "none.txt"]).current_dir(&folder)) {
            Err(error) if format!("{error:#}").contains("none.txt: No such file") => Ok(()),
            other => bail!("a feed that is not there: {other:?}"),
        }
    }

    /// cargo-c builds and installs, and the example finds the shared library through pkg-config.
    fn install(&self) -> Result<()> {
        install::debian("pkg-config", Path::new("/usr/bin/pkg-config"))?;
        let tools = self.root.join("target/tools");
        if !tools.join("bin/cargo-cinstall").exists() {
            output(install::from_crates_io("cargo-c", CARGO_C).arg("--root").arg(&tools))?;
        }
        let prefix = self.fresh("installed")?;
        let mut cargo = Command::new(tools.join("bin/cargo-cinstall"));
        cargo.args(["cinstall", "--locked", "-p", "feedsieve-capi", "--libdir", "lib"]);
        output(cargo.arg("--prefix").arg(&prefix).current_dir(&self.root))?;
        let mut ask = Command::new("pkg-config");
        ask.args(["--cflags", "--libs", "feedsieve"]);
        let flags = output(ask.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")))?;
        let program = self.folder.join("scan-installed");
        let mut gcc = Command::new("gcc");
        gcc.args(C).arg(self.source("examples/scan.c")).arg("-o").arg(&program);
        output(gcc.args(flags.split_whitespace()))?;
        let mut run = Command::new(program);
        run.args(["participants.csv", "feed.txt"]).current_dir(self.folder.join("page"));
        let found = output(run.env("LD_LIBRARY_PATH", prefix.join("lib")))?;
        let page = fs::read_to_string(self.source("README.md"))?;
        if found != block(&page, "output")? {
            bail!("the installed library gives\n{found}");
        }
        println!("cargo-c: installed, and the example is linked with {}", flags.trim());
        Ok(())
    }
}

/// Runs a program that tells in its last line that all is well.
fn said(run: &mut Command) -> Result<()> {
    let words = format!("{run:?}");
    let done =
        run.stdin(Stdio::null()).output().with_context(|| format!("cannot start {words}"))?;
    if !done.status.success() {
        bail!("{words}: {}\n{}", done.status, String::from_utf8_lossy(&done.stderr));
    }
    print!("{}", String::from_utf8_lossy(&done.stdout));
    Ok(())
}

/// What a program answers to lines, a line each.
fn answers(
    program: &Path,
    what: &str,
    folder: &Path,
    lines: &[impl AsRef<str>],
) -> Result<Vec<String>> {
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    let asked = folder_of(program).join(format!("{what}.txt"));
    fs::write(&asked, lines.join("\n") + "\n")?;
    let mut run = Command::new(program);
    let run = run.arg(what).arg(folder.join("inventory.csv")).stdin(fs::File::open(&asked)?);
    let done = run.output().with_context(|| format!("cannot start {}", program.display()))?;
    if !done.status.success() {
        bail!("{what}: {}: {}", done.status, install::last_line(&done.stderr));
    }
    let text = String::from_utf8(done.stdout)?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn folder_of(program: &Path) -> &Path {
    program.parent().unwrap_or(Path::new("."))
}

/// A table of the golden ones.
struct Table {
    name: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| name.clone())?;
        let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
        let rows = text.lines().map(cells).collect();
        Ok(Self { name, rows })
    }

    /// Whether answers are those of a column, byte for byte.
    fn compare(&self, column: usize, found: &[String]) -> Result<()> {
        if found.len() != self.rows.len() {
            bail!("{}: {} rows, and {} answers", self.name, self.rows.len(), found.len());
        }
        for (row, found) in self.rows.iter().zip(found) {
            if *found != row[column] {
                bail!("{}: {}\nexpected {}\nfound    {found}", self.name, row[0], row[column]);
            }
        }
        Ok(())
    }
}
