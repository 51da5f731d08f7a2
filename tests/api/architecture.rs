//! Imports of `src/`: compared with the table in docs/architecture.md, and free of circles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

type ModulePath = Vec<String>;

/// Code of each module in `src/`, without comments and unit tests.
fn modules() -> BTreeMap<ModulePath, String> {
    let mut modules = BTreeMap::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![(src, ModulePath::new())];
    while let Some((folder, path)) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry").path();
            let name = entry.file_stem().and_then(|name| name.to_str());
            let mut path = path.clone();
            match name.expect("a name") {
                "lib" | "main" => continue,
                "mod" => {}
                name => path.push(name.to_owned()),
            }
            if entry.is_dir() {
                folders.push((entry, path));
            } else if entry.extension().is_some_and(|kind| kind == "rs") {
                modules.insert(path, code(&fs::read_to_string(entry).expect("code")));
            }
        }
    }
    modules
}

fn code(file: &str) -> String {
    let without_tests = file.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = without_tests.lines();
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}

/// All paths in `code` that start with `root` (`crate` or `super`), with braces expanded.
fn paths(code: &str, root: &str) -> Vec<ModulePath> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(&format!("{root}::")) {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        if !(before.is_alphanumeric() || before == '_' || before == ':') {
            expand(&[], &code[at..], &mut paths);
        }
    }
    paths
}

fn expand(prefix: &[String], rest: &str, paths: &mut Vec<ModulePath>) {
    let rest = rest.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        for item in items(group) {
            expand(prefix, item, paths);
        }
        return;
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let path: ModulePath = prefix.iter().cloned().chain([name.to_owned()]).collect();
    match rest.strip_prefix("::") {
        Some(rest) => expand(&path, rest, paths),
        None => paths.push(path),
    }
}

/// Items of a group in braces, up to its closing brace.
fn items(group: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                items.push(&group[start..at]);
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    items
}

/// Folders that each folder imports.
fn folder_imports() -> BTreeMap<String, BTreeSet<String>> {
    let modules = modules();
    let folders: BTreeSet<&String> = modules.keys().filter_map(|path| path.first()).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, code) in &modules {
        let imported = imports.entry(path[0].clone()).or_default();
        for target in paths(code, "crate") {
            let folder = target.get(1).filter(|name| folders.contains(name));
            imported.extend(folder.filter(|folder| **folder != path[0]).cloned());
        }
    }
    imports
}

/// Rows of the table below `Who may import whom`; `None` if a folder may import everything else.
fn allowed_imports() -> BTreeMap<String, (bool, BTreeSet<String>)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let text = fs::read_to_string(file).expect("docs/architecture.md");
    let section = text.split("## Who may import whom").nth(1).expect("a heading");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map_while(|row| {
        let mut cells = row.trim_matches('|').split('|');
        let folder = cells.next()?.trim().trim_matches('`').to_owned();
        let cell = cells.next()?;
        let names = cell.split('`').skip(1).step_by(2).map(str::to_owned);
        Some((folder, (cell.contains("everything"), names.collect())))
    })
    .collect()
}

#[test]
fn imports_are_those_of_the_architecture_document() {
    let allowed = allowed_imports();
    for (folder, imported) in folder_imports() {
        let (everything, names) = allowed
            .get(&folder)
            .unwrap_or_else(|| panic!("docs/architecture.md has no row for {folder}"));
        for target in imported {
            assert!(
                names.contains(&target) != *everything,
                "{folder} imports {target}: not listed in docs/architecture.md"
            );
        }
    }
}

#[test]
fn architecture_document_lists_no_unused_import() {
    let imports = folder_imports();
    for (folder, (everything, names)) in allowed_imports() {
        let imported = imports.get(&folder).unwrap_or_else(|| panic!("no {folder}"));
        for name in names.iter().filter(|_| !everything) {
            assert!(imported.contains(name), "{folder} does not import {name}");
        }
    }
}

/// Modules that each module imports; a parent's items are visible to its children without an arrow.
fn module_imports() -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let modules = modules();
    let mut imports = BTreeMap::new();
    for (path, code) in &modules {
        let mut targets = BTreeSet::new();
        for target in [paths(code, "crate"), paths(code, "super")].concat() {
            targets.insert(resolve(&modules, path, &target));
        }
        let children =
            modules.keys().filter(|child| child.len() == path.len() + 1 && child.starts_with(path));
        targets
            .extend(children.filter(|child| !paths(code, &child[path.len()]).is_empty()).cloned());
        targets.retain(|target| !path.starts_with(target));
        imports.insert(path.clone(), targets);
    }
    imports
}

/// The innermost module of a path; empty for the crate itself.
fn resolve(
    modules: &BTreeMap<ModulePath, String>,
    from: &[String],
    target: &[String],
) -> ModulePath {
    let mut path = match target[0].as_str() {
        "crate" => Vec::new(),
        _ => from.to_vec(),
    };
    for name in target.iter().filter(|name| *name != "crate") {
        match name.as_str() {
            "super" => drop(path.pop()),
            name => path.push(name.to_owned()),
        }
    }
    while !path.is_empty() && !modules.contains_key(&path) {
        path.pop();
    }
    path
}

#[test]
fn modules_import_each_other_without_circles() {
    let mut imports = module_imports();
    // Modules whose imports are all gone are no part of a circle.
    loop {
        let leaves: BTreeSet<ModulePath> = imports
            .iter()
            .filter(|(_, targets)| targets.is_empty())
            .map(|(path, _)| path.clone())
            .collect();
        if leaves.is_empty() {
            break;
        }
        imports.retain(|path, _| !leaves.contains(path));
        for targets in imports.values_mut() {
            targets.retain(|target| !leaves.contains(target));
        }
    }
    let circle: Vec<_> =
        imports.iter().map(|(path, targets)| format!("{path:?} -> {targets:?}")).collect();
    assert!(circle.is_empty(), "{}", circle.join("\n"));
}
