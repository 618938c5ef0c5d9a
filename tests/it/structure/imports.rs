//! What each source file imports of its own crate: `use` lists with `super` and `self`, and every path in code, the tokens of
//! macros included. Declarations such as `mod x;` and everything under `#[cfg(test)]` do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// What a source file says about the structure.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its path below the crate's source folder.
    pub(super) file: String,
    pub(super) lines: usize,
    /// The types and traits that it defines at module level.
    pub(super) types: Vec<String>,
    /// The types that it has inherent impls of.
    pub(super) inherent_impls: Vec<String>,
    /// The module that the file is.
    module: Vec<String>,
    /// Paths, each with the module that it is read in.
    paths: Vec<(Vec<String>, Vec<String>)>,
}

impl Source {
    /// All files of a crate, without those that hold unit tests.
    pub(super) fn all(folder: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if path.is_dir() && name != "tests" {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") && name != "tests.rs" {
                    let file = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                    found.push(Self::parse(&file, &std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        found.sort_by(|one, other| one.file.cmp(&other.file));
        found
    }

    pub(super) fn parse(file: &str, text: &str) -> Self {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        let source = Self {
            file: file.to_owned(),
            lines: text.lines().count(),
            types: Vec::new(),
            inherent_impls: Vec::new(),
            module: module.clone(),
            paths: Vec::new(),
        };
        let mut reader = Reader { source, module, depth: 0 };
        reader.visit_file(&parsed);
        reader.source
    }
}

/// For each file those that it imports from, itself left out.
pub(super) fn edges(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<&[String], &str> =
        sources.iter().map(|source| (&source.module[..], source.file.as_str())).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        let targets = edges.entry(source.file.clone()).or_default();
        for (module, path) in &source.paths {
            let Some(absolute) = absolute(module, path, &files) else { continue };
            let longest = (0..=absolute.len()).rev().find_map(|length| files.get(&absolute[..length]));
            if let Some(target) = longest.filter(|target| **target != source.file && !is_roof(target)) {
                targets.insert((*target).to_owned());
            }
        }
    }
    edges
}

fn is_roof(file: &str) -> bool {
    matches!(file, "lib.rs" | "main.rs")
}

/// The path from the root of the crate; none when it leads out of the crate, or to a name that the file itself has.
fn absolute(module: &[String], path: &[String], files: &BTreeMap<&[String], &str>) -> Option<Vec<String>> {
    let mut at = module.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|word| word == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        // A child module, named from where it is declared.
        first => {
            let child: Vec<String> = at.iter().cloned().chain([first.to_owned()]).collect();
            files.get(&child[..])?;
        }
    }
    at.extend(rest.iter().cloned());
    Some(at)
}

struct Reader {
    source: Source,
    /// The module that is being read, inline ones included.
    module: Vec<String>,
    /// How deep in functions the reader is: a type in a function is nobody else's.
    depth: usize,
}

impl Reader {
    fn path(&mut self, words: Vec<String>) {
        self.source.paths.push((self.module.clone(), words));
    }

    fn use_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |word: &syn::Ident| before.iter().cloned().chain([word.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.path(before.to_vec()),
            syn::UseTree::Name(name) => self.path(with(&name.ident)),
            syn::UseTree::Rename(rename) if rename.ident == "self" => self.path(before.to_vec()),
            syn::UseTree::Rename(rename) => self.path(with(&rename.ident)),
            syn::UseTree::Glob(_) => self.path(before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(before, item)),
        }
    }

    /// Paths among the tokens of a macro: words with `::` between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut words: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if words.is_empty() || colons == 2 => {
                    words.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !words.is_empty() => colons += 1,
                other => {
                    self.finish(&mut words);
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        TokenTree::Ident(word) => words.push(word.to_string()),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
        }
        self.finish(&mut words);
    }

    fn finish(&mut self, words: &mut Vec<String>) {
        let words = std::mem::take(words);
        if words.len() > 1 {
            self.path(words);
        }
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        if self.depth == 0 {
            match item {
                syn::Item::Struct(item) => self.source.types.push(item.ident.to_string()),
                syn::Item::Enum(item) => self.source.types.push(item.ident.to_string()),
                syn::Item::Trait(item) => self.source.types.push(item.ident.to_string()),
                syn::Item::Type(item) => self.source.types.push(item.ident.to_string()),
                syn::Item::Impl(syn::ItemImpl { trait_: None, self_ty, .. }) => {
                    if let syn::Type::Path(path) = &**self_ty
                        && let Some(name) = path.path.segments.last()
                    {
                        self.source.inherent_impls.push(name.ident.to_string());
                    }
                }
                _ => {}
            }
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if words.len() > 1 {
            self.path(words);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}
