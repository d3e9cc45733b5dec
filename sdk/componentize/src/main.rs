//! componentize WIT_DIR IN.wasm OUT.wasm: wraps a preview-1 core module as a component. The module's
//! OutLayer imports already have the canonical ABI's form; their types come from the .wit files.
use std::{collections::BTreeSet, error::Error, fs};
use wasi_preview1_component_adapter_provider as adapter;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Import modules that look like interfaces, `near:rpc/api@0.1.0`.
fn interfaces(module: &[u8]) -> Fallible<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        if let wasmparser::Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                found.insert(import?.module.to_string());
            }
        }
    }
    found.retain(|name| name.contains(':'));
    Ok(found)
}

fn componentize(wit_dir: &str, module: &mut Vec<u8>) -> Fallible<Vec<u8>> {
    let mut types = wit_parser::Resolve::default();
    let mut files: Vec<_> = fs::read_dir(wit_dir)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort(); // so that equal input gives equal bytes
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "wit")) {
        types.push_str(file, &fs::read_to_string(file)?)?;
    }
    let imports: String = interfaces(module)?.iter().map(|i| format!("import {i};")).collect();
    let package = types.push_str("guest.wit", &format!("package local:guest; world guest {{ {imports} }}"))?;
    let world = types.select_world(&[package], None)?;
    embed_component_metadata(module, &types, world, StringEncoding::UTF8, false)?;
    Ok(ComponentEncoder::default()
        .module(module)?
        .adapter(adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)?
        .validate(true)
        .encode()?)
}

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, wit_dir, input, output] = arguments.as_slice() else {
        return Err("usage: componentize WIT_DIR IN.wasm OUT.wasm".into());
    };
    fs::write(output, componentize(wit_dir, &mut fs::read(input)?)?)?;
    Ok(())
}
