//! The C ABI of nearvm.h. Converts values and calls back; decides nothing.
pub mod abi;
mod host;

use abi::*;
use near_parameters::{ActionCosts, ExtCosts, RuntimeConfig, RuntimeConfigStore, RuntimeConfigView};
use near_primitives_core::account::AccountContract;
use near_primitives_core::code::ContractCode;
use near_primitives_core::config::ViewConfig;
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::{AccountId, Balance, Gas};
use near_vm_runner::logic::errors::FunctionCallError;
use near_vm_runner::logic::types::PromiseResult;
use near_vm_runner::logic::{ReturnData, VMContext, VMOutcome};
use near_vm_runner::{noop_background_spawner, prepare, Contract, FilesystemContractRuntimeCache};
use serde_json::{json, Map, Value};
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use strum::IntoEnumIterator;

const ERROR_BYTES: usize = 256;
const MODULES_IN_MEMORY: usize = 64;
const CACHE_BYTES_MAX: u64 = 1 << 30;

pub struct Vm {
    config: Arc<RuntimeConfig>,
    cache: FilesystemContractRuntimeCache,
    _temporary: Option<tempfile::TempDir>,
    json: String,
    numbers: Value,
}

fn number_tables(config: &RuntimeConfig, view: Value) -> Value {
    let fee = |cost: ActionCosts| {
        let fee = config.fees.fee(cost);
        let (sir, other) = (fee.send_sir.gas().as_gas(), fee.send_not_sir.gas().as_gas());
        json!({ "send_sir": sir, "send_not_sir": other, "execution": fee.execution.gas().as_gas() })
    };
    let fees: Map<String, Value> = config.fees.action_fees.iter().map(|(c, _)| (c.to_string(), fee(c))).collect();
    let global = config.fees.storage_usage_config.global_contract_storage_amount_per_byte;
    json!({ "config": view, "fees": fees, "limits": config.wasm_config.limit_config,
        "global_contract_storage_amount_per_byte": global })
}

fn vm_new(version: u32, cache_dir: &str) -> std::io::Result<Vm> {
    let config = RuntimeConfigStore::new(None).get_config(version).clone();
    let temporary = if cache_dir.is_empty() { Some(tempfile::tempdir()?) } else { None };
    let dir = temporary.as_ref().map_or(Path::new(cache_dir), |t| t.path());
    let (none, name) = (Some(Path::new("none")), Path::new("compiled"));
    let cache = FilesystemContractRuntimeCache::with_memory_cache(
        dir, none, name, MODULES_IN_MEMORY, None, CACHE_BYTES_MAX, noop_background_spawner(),
    )?;
    let view = serde_json::to_value(RuntimeConfigView::from(config.as_ref().clone()))?;
    Ok(Vm {
        json: view.to_string(),
        numbers: number_tables(&config, view),
        config,
        cache,
        _temporary: temporary,
    })
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_new(version: u32, cache_dir: Bytes, error: *mut u8) -> *mut Vm {
    match vm_new(version, &cache_dir.text()) {
        Ok(vm) => Box::into_raw(Box::new(vm)),
        Err(e) => {
            let text = e.to_string();
            let len = text.len().min(ERROR_BYTES - 1);
            std::ptr::copy_nonoverlapping(text.as_ptr(), error, len);
            *error.add(len) = 0;
            std::ptr::null_mut()
        }
    }
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_free(vm: *mut Vm) {
    if !vm.is_null() {
        drop(Box::from_raw(vm));
    }
}

#[no_mangle]
pub extern "C" fn nearvm_config_json(vm: &Vm) -> Bytes {
    Bytes::of(vm.json.as_bytes())
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_number(vm: &Vm, path: Bytes, ret: &mut u128) -> bool {
    let number = match vm.numbers.pointer(&path.text()) {
        Some(Value::Number(n)) => n.as_u64().map(u128::from),
        Some(Value::String(s)) => s.parse().ok(),
        _ => None,
    };
    number.map(|n| *ret = n).is_some()
}

/// The code of a call, as the VM asks for it.
struct Code(CryptoHash, Bytes);

impl Contract for Code {
    fn hash(&self) -> CryptoHash {
        self.0
    }
    fn get_code(&self) -> Option<Arc<ContractCode>> {
        Some(Arc::new(ContractCode::new(unsafe { self.1.get() }.to_vec(), Some(self.0))))
    }
}

type Accounts = (AccountId, AccountId, Vec<u8>, AccountId, AccountId);
type Block = (u64, u64, u64, Vec<u8>);
type Money = (Balance, Balance, Balance);
type Values = Vec<Option<Vec<u8>>>;
type Seen = (String, Accounts, Block, Money, u64, Gas, bool, Values, Vec<AccountId>, AccountContract, Vec<u8>);

/// What the contract sees, from its Borsh; and the chain's id.
pub fn context(bytes: &[u8]) -> std::io::Result<(VMContext, String)> {
    let (chain_id, accounts, block, money, storage_usage, gas, view, values, receivers, code, input): Seen =
        borsh::from_slice(bytes)?;
    let result = |v: Option<Vec<u8>>| v.map_or(PromiseResult::Failed, |v| PromiseResult::Successful(v.into()));
    let context = VMContext {
        current_account_id: accounts.0,
        signer_account_id: accounts.1,
        signer_account_pk: accounts.2,
        predecessor_account_id: accounts.3,
        refund_to_account_id: accounts.4,
        input: input.into(),
        promise_results: values.into_iter().map(result).collect(),
        block_height: block.0,
        block_timestamp: block.1,
        epoch_height: block.2,
        account_balance: money.0,
        account_locked_balance: money.1,
        storage_usage,
        account_contract: code,
        attached_deposit: money.2,
        prepaid_gas: gas,
        random_seed: block.3,
        view_config: view.then_some(ViewConfig { max_gas_burnt: gas }),
        output_data_receivers: receivers,
    };
    Ok((context, chain_id))
}

pub type Done = Result<VMOutcome, String>;

/// An error here is no outcome: a fault of the embedder or of the VM.
fn call_run(vm: &Vm, code: Code, method: &str, seen: &[u8], host: &HostTable, at: *mut c_void) -> Done {
    let (context, chain_id) = context(seen).map_err(|e| e.to_string())?;
    let wasm = vm.config.wasm_config.clone();
    let counter = context.make_gas_counter(&wasm);
    let prepared = prepare(&code, wasm, Some(&vm.cache), counter, method);
    let mut ext = host::Embedder { host, at, chain_id, receivers: Vec::new(), broken: false };
    let outcome = prepared.run(&mut ext, &context, vm.config.fees.clone()).map_err(|e| e.to_string())?;
    if ext.broken { Err("a callback of the embedder failed".into()) } else { Ok(outcome) }
}

pub fn outcome_borsh(done: Done) -> std::io::Result<Vec<u8>> {
    let (end, outcome) = match done {
        Ok(outcome) => (outcome.aborted.is_some() as u8, outcome),
        Err(msg) => (2, VMOutcome::nop_outcome(FunctionCallError::LinkError { msg })),
    };
    let error = outcome.aborted.map(|e| (e.to_string(), format!("{e:?}"))).unwrap_or_default();
    let profile = &outcome.profile;
    let action = ActionCosts::iter().map(|c| (0u8, c, profile.get_action_cost(c)));
    let action = action.filter(|c| c.2 != Gas::ZERO).map(|c| (c.0, c.1.to_string(), c.2));
    let ext = ExtCosts::iter().map(|c| (1u8, c, profile.get_ext_cost(c)));
    let ext = ext.filter(|c| c.2 != Gas::ZERO).map(|c| (c.0, c.1.to_string(), c.2));
    let wasm = (2, "wasm_instruction".to_string(), profile.get_wasm_cost());
    let costs: Vec<_> = action.chain(ext).chain([wasm]).collect();
    let (kind, receipt, value) = match outcome.return_data {
        ReturnData::None => (0u8, 0, Vec::new()),
        ReturnData::Value(value) => (1, 0, value),
        ReturnData::ReceiptIndex(index) => (2, index, Vec::new()),
    };
    let gas = (outcome.burnt_gas, outcome.used_gas);
    let account = (outcome.balance, outcome.subsidized_amount, outcome.storage_usage);
    borsh::to_vec(&(end, error, gas, outcome.logs, (kind, receipt, value), account, costs))
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_run(
    vm: &Vm,
    code: Bytes,
    code_hash: &[u8; 32],
    method: Bytes,
    seen: Bytes,
    host: &HostTable,
    at: *mut c_void,
) {
    let code = Code(CryptoHash(*code_hash), code);
    let run = || call_run(vm, code, &method.text(), seen.get(), host, at);
    let done = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("the VM panicked".into()));
    let bytes = outcome_borsh(done).expect("written to memory");
    (host.done)(at, Bytes::of(&bytes));
}
