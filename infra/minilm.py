"""all-MiniLM-L6-v2 as an ONNX graph, made from its weights alone: no torch, which is gigabytes.

The graph takes token ids and their mask, and gives one vector of unit length for each text: embeddings, six
transformer layers (BERT, post-norm), the mean over the tokens, the L2 norm. The weights are float32; ``quantise``
makes them int8.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]

LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12  # of BERT's layer norms
MASKED = -1e9  # added to the attention of padding
OPSET, IR_VERSION = 17, 8  # 17 has LayerNormalization; both are old enough for every runtime we meet
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "embedding"


def graph(weights: Mapping[str, Any]) -> onnx.ModelProto:
    made = _Graph(weights)
    mask = made.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    bias = _bias(made, mask)
    tokens = _embedded(made)
    for layer in range(LAYERS):
        tokens = _layer(made, f"encoder.layer.{layer}", tokens, bias)
    return made.model(_pooled(made, tokens, mask))


def save(model: onnx.ModelProto, target: Path) -> None:
    # as quantize_dynamic wants to be told: there is nothing in this graph to simplify first
    helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    onnx.save(model, target)


def quantise(source: Path, target: Path) -> None:
    """Weights to int8, a scale for each column; activations as they come, a scale for each tensor.

    Seven bits of the eight are used: x86 processors without VNNI add up products in 16 bits, which would overflow.
    """
    quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


class _Graph:
    """Nodes and constants as they are added; each node is named by its only output."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: Any) -> str:
        self._constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self._weights[name])

    def linear(self, name: str, value: str) -> str:
        transposed = self.constant(f"{name}.weight", self._weights[f"{name}.weight"].T)
        return self.node("Add", self.node("MatMul", value, transposed), self.weight(f"{name}.bias"))

    def norm(self, name: str, value: str) -> str:
        scale, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", value, scale, shift, epsilon=EPSILON, axis=-1)

    def model(self, output: str) -> onnx.ModelProto:
        self._nodes.append(helper.make_node("Identity", [output], [OUTPUT]))
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in INPUTS]
        outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", WIDTH])]
        graph = helper.make_graph(self._nodes, "minilm", inputs, outputs, list(self._constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return model


def _embedded(graph: _Graph) -> str:
    words = graph.node("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    first, second = graph.constant("first", np.array([0])), graph.constant("second", np.array([1]))
    length = graph.node("Gather", graph.node("Shape", "input_ids"), second)
    positions = graph.node("Slice", graph.weight("embeddings.position_embeddings.weight"), first, length, first)
    kind = graph.node("Gather", graph.weight("embeddings.token_type_embeddings.weight"), first)  # no second text
    return graph.norm("embeddings.LayerNorm", graph.node("Add", graph.node("Add", words, positions), kind))


def _bias(graph: _Graph, mask: str) -> str:
    """Zero for a token, very negative for padding, as [texts, 1, 1, tokens]."""
    padding = graph.node("Sub", graph.constant("1.0", np.float32(1)), mask)
    wide = graph.node("Unsqueeze", padding, graph.constant("axes_1_2", np.array([1, 2])))
    return graph.node("Mul", wide, graph.constant("masked", np.float32(MASKED)))


def _layer(graph: _Graph, name: str, tokens: str, bias: str) -> str:
    attended = graph.linear(f"{name}.attention.output.dense", _attention(graph, f"{name}.attention.self", tokens, bias))
    tokens = graph.norm(f"{name}.attention.output.LayerNorm", graph.node("Add", attended, tokens))
    inner = _gelu(graph, graph.linear(f"{name}.intermediate.dense", tokens))
    outer = graph.linear(f"{name}.output.dense", inner)
    return graph.norm(f"{name}.output.LayerNorm", graph.node("Add", outer, tokens))


def _attention(graph: _Graph, name: str, tokens: str, bias: str) -> str:
    split = graph.constant("split", np.array([0, 0, HEADS, WIDTH // HEADS]))
    query, key, value = (
        graph.node("Transpose", graph.node("Reshape", graph.linear(f"{name}.{part}", tokens), split), perm=[0, 2, 1, 3])
        for part in ("query", "key", "value")
    )
    products = graph.node("MatMul", query, graph.node("Transpose", key, perm=[0, 1, 3, 2]))
    scaled = graph.node("Div", products, graph.constant("scale", np.float32((WIDTH // HEADS) ** 0.5)))
    shares = graph.node("Softmax", graph.node("Add", scaled, bias), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", shares, value), perm=[0, 2, 1, 3])
    return graph.node("Reshape", mixed, graph.constant("join", np.array([0, 0, WIDTH])))


def _gelu(graph: _Graph, value: str) -> str:
    ratio = graph.node("Div", value, graph.constant("root_2", np.float32(2**0.5)))
    share = graph.node("Add", graph.node("Erf", ratio), graph.constant("1.0", np.float32(1)))
    return graph.node("Mul", graph.node("Mul", value, graph.constant("0.5", np.float32(0.5))), share)


def _pooled(graph: _Graph, tokens: str, mask: str) -> str:
    present = graph.node("Unsqueeze", mask, graph.constant("axes_2", np.array([2])))
    axis = graph.constant("axis_1", np.array([1]))
    total = graph.node("ReduceSum", graph.node("Mul", tokens, present), axis, keepdims=0)
    mean = graph.node("Div", total, graph.node("ReduceSum", present, axis, keepdims=0))
    return graph.node("LpNormalization", mean, axis=1, p=2)
