//! Modules of the core import each other in one direction: files without a circle, and so the folders.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The modules of a folder of sources, by their paths such as `http::session`, with their texts.
fn modules(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().with_extension("");
            let name: Vec<_> = name.iter().map(|part| part.to_str().unwrap()).collect();
            let name = name.join("::");
            let name = name.strip_suffix("::mod").unwrap_or(&name).to_owned();
            found.insert(if name == "lib" { String::new() } else { name }, fs::read_to_string(path).unwrap());
        }
    }
    found
}

/// The text without comments and what only tests see, with white space where words need it.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    let mut code = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    for mark in ["::", "{", "}", ","] {
        code = code.replace(&format!(" {mark}"), mark).replace(&format!("{mark} "), mark);
    }
    code
}

/// The paths that follow each `prefix` in the code, groups taken apart.
fn paths(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            expand(&code[at + prefix.len()..], "", &mut found);
        }
    }
    found
}

/// Reads one path, or a group of them in braces; returns what follows.
fn expand<'a>(mut rest: &'a str, start: &str, found: &mut Vec<String>) -> &'a str {
    let mut path = start.to_owned();
    loop {
        if let Some(inner) = rest.strip_prefix('{') {
            rest = inner;
            loop {
                rest = expand(rest, &path, found);
                match rest.strip_prefix(',') {
                    Some(more) => rest = more,
                    None => return rest.strip_prefix('}').unwrap_or(rest),
                }
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        path.push_str(&rest[..end]);
        rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(more) => {
                path.push_str("::");
                rest = more;
            }
            None => {
                found.push(path.trim_end_matches("::").to_owned());
                return rest;
            }
        }
    }
}

/// The module that a path leads to: the longest beginning of it that is one.
fn target(modules: &BTreeMap<String, String>, path: &str) -> String {
    let mut path = path;
    while !modules.contains_key(path) {
        path = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    }
    path.to_owned()
}

fn imports(modules: &BTreeMap<String, String>) -> Graph {
    let mut graph = Graph::new();
    for (name, text) in modules {
        let code = code(text);
        let is_folder =
            modules.keys().any(|other| other.starts_with(&format!("{name}::"))) || name.is_empty();
        let parent = name.rsplit_once("::").map_or("", |(parent, _)| parent);
        let join = |base: &str, path: &str| match base {
            "" => path.to_owned(),
            base => format!("{base}::{path}"),
        };
        let mut targets: BTreeSet<_> =
            paths(&code, "crate::").iter().map(|path| target(modules, path)).collect();
        targets.extend(paths(&code, "super::").iter().map(|path| target(modules, &join(parent, path))));
        if is_folder {
            // `mod.rs` re-exports by names of its own children.
            let uses = paths(&code, "pub use ");
            targets.extend(uses.iter().map(|path| target(modules, &join(name, path))));
        }
        targets.remove(name);
        graph.insert(name.clone(), targets);
    }
    graph
}

/// A circle of the graph, if there is one.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    fn visit(graph: &Graph, name: &String, path: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        if path.contains(name) {
            path.push(name.clone());
            return true;
        }
        if !done.insert(name.clone()) {
            return false;
        }
        path.push(name.clone());
        let found = graph.get(name).into_iter().flatten().any(|next| visit(graph, next, path, done));
        if !found {
            path.pop();
        }
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|name| {
        let mut path = Vec::new();
        visit(graph, name, &mut path, &mut done).then_some(path)
    })
}

fn core() -> BTreeMap<String, String> {
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// The same graph between the folders and files of the top level.
fn of_top_level(graph: &Graph) -> Graph {
    let top = |name: &String| name.split("::").next().unwrap().to_owned();
    let mut found = Graph::new();
    for (name, targets) in graph {
        let others = targets.iter().map(top).filter(|target| *target != top(name));
        found.entry(top(name)).or_default().extend(others);
    }
    found
}

#[test]
fn modules_do_not_import_each_other_in_a_circle() {
    let graph = imports(&core());
    assert!(graph.len() > 40 && graph["http::call"].contains("http::session"), "{graph:#?}");
    assert_eq!(circle(&graph), None);
}

#[test]
fn folders_do_not_import_each_other_in_a_circle() {
    let graph = of_top_level(&imports(&core()));
    assert!(graph["events"].contains("http") && graph["http"].contains("net"), "{graph:#?}");
    assert_eq!(circle(&graph), None);
}

#[test]
fn a_planted_circle_is_found() {
    for (file, line) in [
        ("http::redirect", "use super::session::Session;"),
        ("net::dial", "use crate::http::{body::{self, Body}, pool};"),
        ("retry", "fn planted() -> crate::http::pool::PoolSlot { todo!() }"),
        ("error", "use crate::Route;"),
    ] {
        let mut planted = core();
        planted.get_mut(file).unwrap().insert_str(0, &format!("{line}\n"));
        let graph = imports(&planted);
        assert!(circle(&graph).is_some() || circle(&of_top_level(&graph)).is_some(), "{file}: {line}");
    }
}
