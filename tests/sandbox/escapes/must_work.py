# ruff: noqa: E501  (a probe is one line, so that the table can be read as one)
"""What must work in a sandbox: (name, needed module or "", code). Each prints OK at its end, after checking a result."""

PROBES: list[tuple[str, str, str]] = [
    ("arithmetic", "", "assert sum(range(1000)) == 499500"),
    (
        "files",
        "",
        "open('a.txt', 'w').write('x'); assert open('a.txt').read() == 'x'; os.rename('a.txt', 'b.txt'); os.unlink('b.txt')",
    ),
    (
        "folders",
        "",
        "import shutil; os.makedirs('d/e'); open('d/e/f', 'w').close(); shutil.copytree('d', 'g'); shutil.rmtree('d'); assert os.path.exists('g/e/f')",
    ),
    (
        "move_between_folders",
        "",
        "import shutil; os.makedirs('p'); os.makedirs('q'); open('p/f', 'w').write('1'); shutil.move('p/f', 'q/f'); assert open('q/f').read() == '1'",
    ),
    (
        "temporary_files",
        "",
        "import tempfile\nwith tempfile.NamedTemporaryFile() as f: f.write(b'x'); f.flush(); assert os.path.getsize(f.name) == 1\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close()",
    ),
    (
        "sqlite",
        "",
        "import sqlite3; c = sqlite3.connect('t.db'); c.execute('create table t(x)'); c.execute('insert into t values(4)'); c.commit(); assert c.execute('select x from t').fetchone() == (4,)",
    ),
    (
        "zip_and_tar",
        "",
        "import tarfile, zipfile\nopen('m', 'w').write('1')\nwith zipfile.ZipFile('z.zip', 'w') as z: z.write('m')\nwith tarfile.open('t.tgz', 'w:gz') as t: t.add('m')\nos.makedirs('o'); tarfile.open('t.tgz').extractall('o'); assert open('o/m').read() == '1'",
    ),
    (
        "subprocess",
        "",
        "r = subprocess.run(['echo', 'hi'], capture_output=True, text=True); assert r.stdout == 'hi\\n'",
    ),
    (
        "subprocess_python",
        "",
        "r = subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True); assert r.stdout == '42\\n', r",
    ),
    ("subprocess_kill", "", "p = subprocess.Popen(['sleep', '60']); p.kill(); assert p.wait() == -9"),
    (
        "subprocess_timeout",
        "",
        "try: subprocess.run(['sleep', '60'], timeout=0.3); assert False\nexcept subprocess.TimeoutExpired: pass",
    ),
    ("shell_pipe", "", "assert subprocess.check_output('printf abc | wc -c', shell=True).strip() == b'3'"),
    (
        "script",
        "",
        "open('s.sh', 'w').write('#!/bin/sh\\necho ran\\n'); os.chmod('s.sh', 0o755); assert subprocess.check_output(['./s.sh']) == b'ran\\n'",
    ),
    ("fork", "", "p = os.fork()\nif p == 0: os._exit(7)\nassert os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) == 7"),
    (
        "signal_own_child",
        "",
        "p = os.fork()\nif p == 0:\n    time.sleep(60); os._exit(0)\nos.kill(p, signal.SIGTERM)\nassert os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) == -15",
    ),
    (
        "threads",
        "",
        "from concurrent.futures import ThreadPoolExecutor\nassert sum(ThreadPoolExecutor(8).map(lambda x: x * x, range(100))) == 328350",
    ),
    (
        "multiprocessing_pool",
        "",
        "import multiprocessing\ndef square(x): return x * x\nwith multiprocessing.get_context('fork').Pool(3) as p: assert p.map(square, range(8)) == [0, 1, 4, 9, 16, 25, 36, 49]",
    ),
    (
        "multiprocessing_queue",
        "",
        "import multiprocessing as m\nc = m.get_context('fork'); q = c.Queue()\np = c.Process(target=lambda: q.put(5)); p.start(); assert q.get(timeout=10) == 5; p.join(); assert p.exitcode == 0",
    ),
    (
        "process_terminate",
        "",
        "import multiprocessing as m\np = m.get_context('fork').Process(target=time.sleep, args=(60,)); p.start(); p.terminate(); p.join(10); assert p.exitcode == -15",
    ),
    (
        "shared_memory",
        "",
        "from multiprocessing import shared_memory\ns = shared_memory.SharedMemory(create=True, size=1000); s.buf[0] = 9; assert s.buf[0] == 9; s.close(); s.unlink()",
    ),
    (
        "asyncio_subprocess",
        "",
        "import asyncio\nasync def main():\n    p = await asyncio.create_subprocess_exec('echo', 'x', stdout=asyncio.subprocess.PIPE)\n    return (await p.communicate())[0]\nassert asyncio.run(main()) == b'x\\n'",
    ),
    ("socketpair", "", "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'"),
    (
        "classes_and_pickle",
        "",
        "import pickle\nclass Thing:\n    def __init__(self, x): self.x = x\nassert pickle.loads(pickle.dumps(Thing(3))).x == 3",
    ),
    (
        "source_of_functions",
        "",
        "import inspect\ndef some(x):\n    return x + 1\nassert 'return x + 1' in inspect.getsource(some)",
    ),
    ("read_data", "", "assert open(DATA + '/train.csv').read() == 'public'"),
    ("random_is_random", "", "import random; assert random.random() != 0.8444218515250481 and os.urandom(4)"),
    ("clocks_and_cpu", "", "assert os.cpu_count() >= 1 and time.time() > 1e9 and os.sched_getaffinity(0)"),
    (
        "own_process_files",
        "",
        "assert 'VmRSS' in open('/proc/self/status').read() and os.listdir('/proc/self/fd') and open('/proc/meminfo').read()",
    ),
    ("interrupt_handler", "", "signal.signal(signal.SIGALRM, lambda *a: None); signal.alarm(1); time.sleep(1.2)"),
    (
        "numpy",
        "numpy",
        "import numpy as np; a = np.random.rand(200, 200); assert np.allclose(a @ np.linalg.inv(a), np.eye(200), atol=1e-4)",
    ),
    (
        "pandas",
        "pandas",
        "import pandas as pd; pd.DataFrame({'a': [1, 2]}).to_csv('p.csv', index=False); assert pd.read_csv('p.csv').a.sum() == 3",
    ),
    (
        "parquet",
        "pyarrow",
        "import pandas as pd; pd.DataFrame({'a': [1, 2]}).to_parquet('p.pq'); assert pd.read_parquet('p.pq').a.sum() == 3",
    ),
    (
        "sklearn_parallel",
        "sklearn",
        "from sklearn.ensemble import RandomForestClassifier as R; import numpy as np\nx = np.random.rand(60, 3); assert R(10, n_jobs=2).fit(x, x[:, 0] > 0.5).score(x, x[:, 0] > 0.5) > 0.9",
    ),
    (
        "matplotlib",
        "matplotlib",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('f.png'); assert open('f.png', 'rb').read(4) == b'\\x89PNG'",
    ),
    (
        "torch_training",
        "torch",
        "import torch\nm = torch.nn.Linear(4, 1); o = torch.optim.SGD(m.parameters(), 0.1); x = torch.randn(64, 4); y = x.sum(1, keepdim=True)\nfor _ in range(60):\n    l = ((m(x) - y) ** 2).mean(); o.zero_grad(); l.backward(); o.step()\nassert l.item() < 0.1\ntorch.save(m.state_dict(), 'm.pt'); torch.load('m.pt', weights_only=True)",
    ),
    (
        "data_loader",
        "torch",
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\nd = TensorDataset(torch.arange(64.0)); assert sum(b[0].sum().item() for b in DataLoader(d, 8, num_workers=2)) == 2016",
    ),
    (
        "datasets_map",
        "datasets",
        "import datasets; d = datasets.Dataset.from_dict({'a': list(range(50))}); assert d.map(lambda r: {'b': r['a'] + 1}, num_proc=2)[9]['b'] == 10",
    ),
    (
        "transformers_model",
        "transformers",
        "from transformers import BertConfig, BertModel; import torch\nm = BertModel(BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=50)); m.save_pretrained('bert'); assert BertModel.from_pretrained('bert')(torch.ones(1, 4, dtype=torch.long)).last_hidden_state.shape == (1, 4, 16)",
    ),
]
