//! What is said of files that are no boards, to the letter: each `bad/*.toml` has its text beside it in `*.txt`.
//!
//! With `BLESS=1` in the environment the texts are written anew, to be read and committed.

use std::fs;
use std::path::{Path, PathBuf};

use scmi_board::Board;

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

#[test]
fn every_bad_file_is_refused_in_these_words() {
    let files = bad_files();
    assert!(files.len() >= 25, "only {} files", files.len());
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let said = match Board::parse(&text, name) {
            Ok(_) => "no error".to_owned(),
            Err(error) => format!("{error}\n"),
        };
        let golden = path.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &said).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if said != expected {
            wrong.push(format!("---- {name}, expected\n{expected}\n---- found\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_text_is_left_without_its_file() {
    for path in bad_files() {
        assert!(path.with_extension("txt").exists(), "{} has no text", path.display());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let texts = fs::read_dir(folder)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "txt"));
    assert_eq!(texts.count(), bad_files().len());
}
