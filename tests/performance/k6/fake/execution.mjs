const exec = { scenario: { name: "", iterationInTest: 0 } };
export default exec;
