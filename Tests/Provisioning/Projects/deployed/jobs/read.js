fn(state => {
	return state;   
});
