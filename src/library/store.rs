//! The texts of `stdlib/` and the lazy reading of them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;

use super::access::{self, NeedSig, SubjectSig};
use super::attributes;
use super::data::Settings;
use super::hazards::Hazard;
use super::load::{declarations, function_signature, kind_signature, step_signature, type_declaration};
use super::rules::Rules;
use super::scopes::{Growing, Own};
use super::signature::{FunctionSig, KindSig, Signature, StepSig};
use super::ty::Ty;
use super::types::{TypeScope, type_of};
use super::version::{Target, Version};
use crate::base::{FileId, Files, Name, Span};
use crate::diag::{Diagnostic, nearest};
use crate::exprlang::Dialect;
use crate::rbac::Resources;
use crate::syntax;
use crate::syntax::ast::{Item, ItemKind};

/// `(path, text)` of every file of the library, made from the folder by the build script.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The folder of types that several kinds are made of.
const SHARED: &str = "types/";

/// The standard library. Made once per analysis, since its texts are files of it; parts are read when first asked for.
pub struct Library {
    files: HashMap<&'static str, FileId>,
    types: OnceLock<HashMap<Name, (Ty, Span)>>,
    /// Types that several kinds are made of: known in files of the library only.
    shared: OnceLock<HashMap<Name, Ty>>,
    functions: OnceLock<HashMap<Name, Arc<FunctionSig>>>,
    replaced: OnceLock<Vec<(Name, Arc<str>)>>,
    steps: Units,
    kinds: Units,
    systems: OnceLock<IndexMap<Name, System>>,
    expressions: OnceLock<IndexMap<Name, System>>,
    access: Access,
    reports: std::sync::Mutex<Vec<Diagnostic>>,
}

/// What was read of `access/`.
#[derive(Default)]
struct Access {
    needs: Memo<NeedSig>,
    subjects: Memo<SubjectSig>,
    installations: Memo<KindSig>,
    resources: OnceLock<Resources>,
}

/// What was asked for, by its name; `None` if there is nothing of that name.
type Memo<T> = std::sync::Mutex<HashMap<Name, Option<Arc<T>>>>;

/// The files of a folder by the names of what they declare, read when first asked for.
type Units = HashMap<&'static str, (&'static str, OnceLock<Option<Signature>>)>;

/// A system that programs can be for.
struct System {
    /// Its minors with their newest known patch, oldest first.
    known: Vec<(Name, Version)>,
    rules: Rules,
}

impl Library {
    /// Adds the library's texts to `files` (for reports that point into them) and reads nothing yet.
    pub fn new(files: &mut Files) -> Library {
        let ids = TEXTS.iter().map(|(path, text)| (*path, files.add_stdlib(format!("stdlib/{path}"), *text))).collect();
        let units = |folder| {
            let name = |path: &&'static str| path.strip_prefix(folder)?.strip_suffix(".pipeline");
            TEXTS.iter().filter_map(|(path, _)| Some((name(path)?, (*path, OnceLock::new())))).collect()
        };
        Library {
            files: ids,
            types: OnceLock::new(),
            shared: OnceLock::new(),
            functions: OnceLock::new(),
            replaced: OnceLock::new(),
            steps: units("steps/"),
            kinds: units("kinds/"),
            systems: OnceLock::new(),
            expressions: OnceLock::new(),
            access: Access::default(),
            reports: std::sync::Mutex::default(),
        }
    }

    pub fn step(&self, name: &str) -> Option<Arc<StepSig>> {
        match self.unit("steps", name)? {
            Signature::Step(step) => Some(Arc::clone(step)),
            _ => None,
        }
    }

    pub fn kind(&self, name: &str) -> Option<Arc<KindSig>> {
        match self.unit("kinds", name)? {
            Signature::Kind(kind) => Some(Arc::clone(kind)),
            _ => None,
        }
    }

    /// The files of ready tasks, which programs `use`.
    pub fn task_files(&self) -> Vec<FileId> {
        let paths = TEXTS.iter().map(|(path, _)| *path).filter(|path| path.starts_with("tasks/"));
        paths.filter_map(|path| self.files.get(path).copied()).collect()
    }

    pub fn function(&self, name: &str) -> Option<Arc<FunctionSig>> {
        self.functions().get(name).cloned()
    }

    pub fn step_names(&self) -> impl Iterator<Item = &'static str> {
        names_in("steps/")
    }

    pub fn kind_names(&self) -> impl Iterator<Item = &'static str> {
        names_in("kinds/")
    }

    /// In alphabetical order.
    pub fn function_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.functions().keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Functions of the target that the language has its own words for, and what to write instead.
    pub fn replaced(&self) -> &[(Name, Arc<str>)] {
        self.replaced.get_or_init(|| {
            let items = self.parse("functions.pipeline").unwrap_or_default();
            let blocks = declarations(&items, "replaced").filter_map(|(_, declaration, _)| declaration.body.as_ref());
            let texts = blocks.flat_map(|body| Settings(&body.items).all());
            texts.filter_map(|(name, instead)| Some((name, Arc::from(instead.as_plain_text()?)))).collect()
        })
    }

    /// The name of a step that was probably meant.
    pub fn nearest_step(&self, written: &str) -> Option<&'static str> {
        nearest(written, self.step_names())
    }

    /// Known minors of a system with their newest known patch, oldest first.
    pub fn versions(&self, system: &str) -> Option<&[(Name, Version)]> {
        self.all_systems().get(system).map(|system| system.known.as_slice())
    }

    /// The systems that programs can be for, as `target` names them; the main one first.
    pub fn systems(&self) -> impl Iterator<Item = &Name> {
        self.all_systems().keys()
    }

    /// What people call a system.
    pub fn product(&self, system: &str) -> Name {
        let system = self.all_systems().get_key_value(system).map(|(name, system)| system.rules.product.as_ref().unwrap_or(name));
        system.cloned().unwrap_or_default()
    }

    /// The expression language of the oldest version of the target.
    pub fn dialect(&self, target: &Target) -> Dialect {
        let oldest = target.versions().first().map(|version| version.minor().to_string()).unwrap_or_default();
        let known = self.expressions.get_or_init(|| self.read_systems("expressions"));
        // What evaluates them is the first system.
        let own = self.systems().next().and_then(|main| known.get(main));
        let found = own.and_then(|system| system.known.iter().find(|(minor, _)| *minor == oldest)).and_then(|(_, version)| version.patch);
        found.map_or(Dialect::newest(), Dialect::of_patch)
    }

    /// What is wrong with the library itself: nothing, or a test fails.
    pub fn reports(&self) -> Vec<Diagnostic> {
        self.reports.lock().map(|reports| reports.clone()).unwrap_or_default()
    }

    /// Permissions that something needs.
    pub fn need(&self, name: &str) -> Option<Arc<NeedSig>> {
        self.remembered(&self.access.needs, "needs", name, |items, reports| {
            let (item, declaration, name) = declarations(items, "need").find(|(_, _, found)| found == name)?;
            access::need(item, declaration, name, reports)
        })
    }

    /// Somebody who needs or has permissions, with what installations grant to it.
    pub fn subject(&self, name: &str) -> Option<Arc<SubjectSig>> {
        self.remembered(&self.access.subjects, "subjects", name, |items, reports| {
            let (item, declaration, name) = declarations(items, "subject").find(|(_, _, found)| found == name)?;
            access::subject(items, item, declaration, name, reports)
        })
    }

    /// The settings of a `target`: how the system is installed.
    pub fn installation(&self, system: &str) -> Option<Arc<KindSig>> {
        self.remembered(&self.access.installations, "systems", system, |items, reports| {
            let (item, declaration, name) = declarations(items, "system").find(|(_, _, found)| found == system)?;
            Some(kind_signature(item, declaration, name, self, reports))
        })
    }

    /// The resources of the API servers concerned.
    pub fn resources(&self) -> &Resources {
        self.access.resources.get_or_init(|| access::resources(&self.parse("access/resources.pipeline").unwrap_or_default()))
    }

    pub fn need_names(&self) -> impl Iterator<Item = &'static str> {
        names_in("access/needs/")
    }

    pub fn subject_names(&self) -> impl Iterator<Item = &'static str> {
        names_in("access/subjects/")
    }

    fn remembered<T>(
        &self,
        memo: &Memo<T>,
        folder: &str,
        name: &str,
        read: impl FnOnce(&[Item], &mut Vec<Diagnostic>) -> Option<T>,
    ) -> Option<Arc<T>> {
        if let Some(known) = memo.lock().ok()?.get(name) {
            return known.clone();
        }
        let path = format!("access/{folder}/{name}.pipeline");
        let path = self.files.get_key_value(path.as_str()).map(|(known, _)| *known);
        let mut reports = Vec::new();
        let found = path.and_then(|path| self.parse(path)).and_then(|items| read(&items, &mut reports)).map(Arc::new);
        self.report(reports);
        memo.lock().ok()?.insert(Name::new(name), found.clone());
        found
    }

    /// All of it, for references and for the tests that compare it with the official schemas.
    pub fn read_everything(&self) -> Vec<Signature> {
        self.types();
        self.need_names().for_each(|name| drop(self.need(name)));
        self.subject_names().for_each(|name| drop(self.subject(name)));
        self.systems().for_each(|name| drop(self.installation(name)));
        self.resources();
        let functions = self.function_names();
        let functions = functions.iter().filter_map(|name| self.function(name)).map(Signature::Function);
        let units = TEXTS.iter().filter_map(|(path, _)| {
            let (folder, file) = path.split_once('/')?;
            self.unit(folder, file.strip_suffix(".pipeline")?).cloned()
        });
        functions.chain(units).collect()
    }

    fn unit(&self, folder: &str, name: &str) -> Option<&Signature> {
        let units = match folder {
            "steps" => &self.steps,
            "kinds" => &self.kinds,
            _ => return None,
        };
        let (path, cell) = units.get(name)?;
        cell.get_or_init(|| self.read_unit(path, folder, name)).as_ref()
    }

    fn read_unit(&self, path: &'static str, folder: &str, name: &str) -> Option<Signature> {
        let items = self.parse(path)?;
        let mut reports = Vec::new();
        let scope = self.unit_types(&items, &mut reports);
        let signature = if folder == "steps" {
            declarations(&items, "step").find(|(_, _, found)| found == name).map(|(item, declaration, name)| {
                let step = step_signature(item, declaration, name, &scope, &mut reports);
                Signature::Step(Arc::new(StepSig { is_library: true, ..step }))
            })
        } else {
            declarations(&items, "kind")
                .find(|(_, _, found)| found == name)
                .map(|(item, declaration, name)| Signature::Kind(Arc::new(kind_signature(item, declaration, name, &scope, &mut reports))))
        };
        self.report(reports);
        signature
    }

    /// Types that several kinds are made of: read when a file of the library names what is declared nowhere else.
    pub(super) fn shared_types(&self) -> &HashMap<Name, Ty> {
        self.shared.get_or_init(|| {
            let mut reports = Vec::new();
            let mut all = HashMap::new();
            for (path, _) in TEXTS.iter().filter(|(path, _)| path.starts_with(SHARED)) {
                let items = self.parse(path).unwrap_or_default();
                all.extend(self.types_of(&items, None, &mut reports));
            }
            self.report(reports);
            all
        })
    }

    /// The types that the file of a step or kind declares for itself.
    fn unit_types(&self, items: &[Item], reports: &mut Vec<Diagnostic>) -> Own<'_> {
        Own { library: self, types: self.types_of(items, Some(self), reports), shared: Some(self) }
    }

    /// The types that a file declares; each may use those above it. They have no names outside, so that what they stand
    /// for is checked like any setting.
    fn types_of(&self, items: &[Item], shared: Option<&Library>, reports: &mut Vec<Diagnostic>) -> HashMap<Name, Ty> {
        let mut own = Own { library: self, types: HashMap::new(), shared };
        for item in items {
            let ItemKind::Type { name, ty } = &item.kind else { continue };
            let ty = type_of(ty, &own, reports);
            own.types.insert(name.name.clone(), ty);
        }
        own.types
    }

    /// Where a type of the library is declared.
    pub fn type_place(&self, name: &str) -> Option<Span> {
        self.types().get(name).map(|(_, span)| *span)
    }

    fn types(&self) -> &HashMap<Name, (Ty, Span)> {
        self.types.get_or_init(|| {
            let items = self.parse("types.pipeline").unwrap_or_default();
            let mut types = Growing(HashMap::new());
            let mut reports = Vec::new();
            for item in &items {
                let ItemKind::Type { name, ty } = &item.kind else { continue };
                // A type may use those above it.
                let ty = type_declaration(&name.name, ty, &types, &mut reports);
                types.0.insert(name.name.clone(), (ty, name.span));
            }
            self.report(reports);
            types.0
        })
    }

    fn functions(&self) -> &HashMap<Name, Arc<FunctionSig>> {
        self.functions.get_or_init(|| {
            let items = self.parse("functions.pipeline").unwrap_or_default();
            let mut reports = Vec::new();
            let functions = declarations(&items, "function")
                .map(|(item, declaration, name)| (name.clone(), Arc::new(function_signature(item, declaration, name, self, &mut reports))))
                .collect();
            self.report(reports);
            functions
        })
    }

    /// `versions` or `expressions`, by their systems.
    fn read_systems(&self, word: &'static str) -> IndexMap<Name, System> {
        let items = self.parse("versions.pipeline").unwrap_or_default();
        let mut reports = Vec::new();
        let systems = declarations(&items, word)
            .map(|(item, declaration, system)| {
                let settings = declaration.body.iter().flat_map(|body| &body.items);
                let mut known: Vec<(Name, Version)> = settings.filter_map(version_setting).collect();
                known.sort_by_key(|(_, version)| *version);
                (system, System { known, rules: attributes::read(&item.attributes, &mut reports) })
            })
            .collect();
        self.report(reports);
        systems
    }

    fn all_systems(&self) -> &IndexMap<Name, System> {
        self.systems.get_or_init(|| self.read_systems("versions"))
    }

    /// What is wrong with patches of a system, whatever a program does: `@hazard` on its `versions`.
    pub fn faulty_patches(&self, system: &str) -> &[Hazard] {
        self.all_systems().get(system).map_or(&[], |system| &system.rules.hazards)
    }

    fn parse(&self, path: &'static str) -> Option<Vec<Item>> {
        let text = TEXTS.iter().find(|(known, _)| *known == path)?.1;
        let parse = syntax::parse(*self.files.get(path)?, text);
        self.report(parse.errors);
        Some(parse.file.items)
    }

    fn report(&self, mut found: Vec<Diagnostic>) {
        if let Ok(mut reports) = self.reports.lock() {
            reports.append(&mut found);
        }
    }
}

impl TypeScope for Library {
    fn named_type(&self, name: &str) -> Option<Ty> {
        self.types().get(name).map(|(ty, _)| ty.clone())
    }

    fn type_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.types().keys().cloned().collect();
        names.sort_unstable();
        names
    }
}

fn version_setting(item: &Item) -> Option<(Name, Version)> {
    let ItemKind::Setting { key, value } = &item.kind else { return None };
    Some((Name::new(key.as_constant()?), Version::parse(value.as_plain_text()?)?))
}

fn names_in(folder: &'static str) -> impl Iterator<Item = &'static str> {
    TEXTS.iter().filter_map(move |(path, _)| path.strip_prefix(folder)?.strip_suffix(".pipeline"))
}
