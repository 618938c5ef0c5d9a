//! `compat install`: `cli.sh` and `cli.bat` in a folder, where RunAJob has its own.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::compat::restenv::NAME;
use crate::output::{Report, SafeLine};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// What was done.
pub struct Installed {
    written: Vec<PathBuf>,
    /// A file that was there, and the name it has now.
    kept: Vec<(PathBuf, PathBuf)>,
    /// Whether the file with the account is there too.
    has_restenv: bool,
    folder: PathBuf,
}

/// One of the two files.
struct ScriptFile {
    name: &'static str,
    text: String,
    /// Whether a text is that of such a file, for whatever place of the program.
    is_ours: fn(&str) -> bool,
    mode: u32,
}

const SH: [&str; 2] = ["#!/bin/sh\nexec ", " compat run \"$0\" \"$@\"\n"];
const BAT: [&str; 2] = ["@echo off\r\n", " compat run \"%~f0\" %*\r\nexit /b %ERRORLEVEL%\r\n"];

fn is_ours(text: &str, [begin, end]: [&str; 2]) -> bool {
    let middle = text.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
    middle.is_some_and(|program| !program.contains('\n'))
}

/// The scripts, which call the program by its full path, because schedulers have a short PATH.
fn scripts(program: &Path) -> Result<[ScriptFile; 2], Failure> {
    let program = program.to_str().filter(|path| !path.contains(['\n', '\r', '"'])).ok_or_else(|| {
        let what = format!("the path of the program cannot stand in a script: {}", program.display());
        Failure::of(Exit::Config, what).hint("move the program to a folder with a plainer name")
    })?;
    Ok([
        ScriptFile {
            name: "cli.sh",
            text: format!("{}{}{}", SH[0], shell_words::quote(program), SH[1]),
            is_ours: |text| is_ours(text, SH),
            mode: 0o755,
        },
        ScriptFile {
            name: "cli.bat",
            text: format!("{}\"{}\"{}", BAT[0], program.replace('%', "%%"), BAT[1]),
            is_ours: |text| is_ours(text, BAT),
            mode: 0o644,
        },
    ])
}

/// Writes the scripts for this program into a folder. A file of another origin is moved aside if `force`, else
/// nothing is written.
pub fn install(folder: &Path, force: bool) -> Result<Installed, Failure> {
    let program = std::env::current_exe();
    let program =
        program.map_err(|error| Failure::new(Exit::Bug, error).context("cannot find the path of this program"))?;
    install_for(folder, force, &program)
}

fn install_for(folder: &Path, force: bool, program: &Path) -> Result<Installed, Failure> {
    let failed = |error: std::io::Error, what: String| {
        Failure::new(Exit::Config, error).context(what).hint("check the folder and its permissions")
    };
    if !folder.is_dir() {
        let shown = folder.display().to_string();
        return Err(Failure::of(Exit::Config, format!("the folder {shown} does not exist"))
            .hint(format!("check the path, or make the folder: mkdir -p {}", shell_words::quote(&shown))));
    }
    let scripts = scripts(program)?;
    let foreign: Vec<PathBuf> = scripts
        .iter()
        .map(|script| (script, folder.join(script.name)))
        .filter(|(script, path)| {
            let there = path.symlink_metadata().is_ok();
            there && !std::fs::read_to_string(path).is_ok_and(|text| (script.is_ours)(&text))
        })
        .map(|(_, path)| path)
        .collect();
    if let Some(path) = foreign.first().filter(|_| !force) {
        let failure = Failure::of(
            Exit::Config,
            format!("{} exists and is not from runajob; nothing was written", path.display()),
        );
        return Err(failure.hint("to keep it under another name and go on, add --force"));
    }
    let mut installed = Installed {
        written: Vec::new(),
        kept: Vec::new(),
        has_restenv: folder.join(NAME).exists(),
        folder: folder.to_owned(),
    };
    let drafts: Vec<_> = scripts
        .iter()
        .map(|script| draft(folder, script))
        .collect::<Result<_, _>>()
        .map_err(|error| failed(error, format!("cannot write in {}", folder.display())))?;
    for path in foreign {
        let aside = asides(&path).find(|aside| aside.symlink_metadata().is_err());
        let aside = aside.ok_or_else(|| Failure::of(Exit::Config, "no free name is left for the old file"))?;
        std::fs::rename(&path, &aside).map_err(|error| failed(error, format!("cannot rename {}", path.display())))?;
        installed.kept.push((path, aside));
    }
    for (script, draft) in scripts.iter().zip(drafts) {
        let path = folder.join(script.name);
        draft.persist(&path).map_err(|error| failed(error.error, format!("cannot write {}", path.display())))?;
        installed.written.push(path);
    }
    Ok(installed)
}

/// The names under which the files that made room are kept, in order: those taken, then the free ones.
fn asides(path: &Path) -> impl Iterator<Item = PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    (1u32..).map(move |number| {
        let end = if number == 1 { String::new() } else { format!(".{number}") };
        path.with_file_name(format!("{name}.before-runajob{end}"))
    })
}

/// The script under a temporary name: renaming it is one step, so a job that starts at that moment reads a complete script.
fn draft(folder: &Path, script: &ScriptFile) -> std::io::Result<tempfile::NamedTempFile> {
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(script.text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        draft.as_file().set_permissions(std::fs::Permissions::from_mode(script.mode))?;
    }
    #[cfg(not(unix))]
    let _ = script.mode;
    Ok(draft)
}

impl Installed {
    /// The commands that undo it.
    fn way_back(&self) -> Vec<String> {
        let quoted = |path: &Path| shell_words::quote(&path.to_string_lossy()).into_owned();
        // What an earlier call has kept is the way back after this one too.
        let undo = |path: &PathBuf| match asides(path).take_while(|aside| aside.symlink_metadata().is_ok()).last() {
            Some(aside) => format!("mv {} {}", quoted(&aside), quoted(path)),
            None => format!("rm {}", quoted(path)),
        };
        self.written.iter().map(undo).collect()
    }
}

impl Report for Installed {
    fn lines(&self) -> Vec<SafeLine> {
        let kept = self.kept.iter().map(|(path, aside)| format!("kept {} as {}", path.display(), aside.display()));
        let written = self.written.iter().map(|path| format!("wrote {}", path.display()));
        let missing = if self.has_restenv { "" } else { ", which is not there yet" };
        let restenv = format!("they read {}{missing}", self.folder.join(NAME).display());
        let back = self.way_back().into_iter().map(|command| format!("to go back: {command}"));
        kept.chain(written).chain([restenv]).chain(back).map(SafeLine::from).collect()
    }

    fn json(&self) -> Map<String, Value> {
        let kept = self.kept.iter().map(|(path, aside)| json!({"path": path, "kept_as": aside}));
        Map::from_iter([
            ("written".to_owned(), json!(self.written)),
            ("kept".to_owned(), kept.collect()),
            ("way_back".to_owned(), json!(self.way_back())),
        ])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::hint::AccountFlags;

    fn program() -> &'static Path {
        Path::new("/opt/my tools/runajob")
    }

    #[test]
    fn two_files_are_written_and_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new folder");
        let refused = install_for(&place, false, program()).err().unwrap();
        assert_eq!((refused.exit, place.exists()), (Exit::Config, false));
        std::fs::create_dir(&place).unwrap();
        for _ in 0..2 {
            let installed = install_for(&place, false, program()).unwrap();
            assert_eq!(installed.written.len(), 2);
            let lines = format!("{:?}", installed.lines());
            assert!(lines.contains("which is not there yet"), "{lines}");
        }
        let bat = std::fs::read_to_string(place.join("cli.bat")).unwrap();
        let expected = "@echo off\r\n\"/opt/my tools/runajob\" compat run \"%~f0\" %*\r\nexit /b %ERRORLEVEL%\r\n";
        assert_eq!(bat, expected);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let sh = std::fs::read_to_string(place.join("cli.sh")).unwrap();
            assert_eq!(sh, "#!/bin/sh\nexec '/opt/my tools/runajob' compat run \"$0\" \"$@\"\n");
            assert_eq!(std::fs::metadata(place.join("cli.sh")).unwrap().permissions().mode() & 0o777, 0o755);
        }
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 2);
    }

    #[test]
    fn a_foreign_file_stays_unless_forced_and_then_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let sh = folder.path().join("cli.sh");
        std::fs::write(&sh, "#!/bin/bash\njava -cp ...\n").unwrap();
        let refused = install_for(folder.path(), false, program()).err().unwrap();
        assert!(
            refused.what().contains("cli.sh")
                && refused.hint.unwrap().render(&AccountFlags::default()).contains("--force")
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let installed = install_for(folder.path(), true, program()).unwrap();
        let kept = folder.path().join("cli.sh.before-runajob");
        assert!(std::fs::read_to_string(&kept).unwrap().contains("java"));
        let back = installed.way_back();
        assert!(back[0].starts_with("mv ") && back[1].starts_with("rm "), "{back:?}");
        assert_eq!(install_for(folder.path(), false, program()).unwrap().way_back(), back);
        std::fs::write(&sh, "another\n").unwrap();
        install_for(folder.path(), true, program()).unwrap();
        assert!(std::fs::read_to_string(&kept).unwrap().contains("java"));
        assert!(folder.path().join("cli.sh.before-runajob.2").exists());
    }
}
